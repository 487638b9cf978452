//! How light each pixel is, of the image made small: what is measured does not depend on how large a picture was taken.

use ::image::DynamicImage;

/// Pixels of the longer side.
const SIDE: u32 = 1_024;
/// A pixel at most this light is a shadow.
const SHADOW: f32 = 16.0;
/// A pixel at least this light is clipped.
const CLIPPED: f32 = 250.0;

/// Lightness from 0 to 255, row by row.
pub(super) struct Gray {
    width: usize,
    height: usize,
    pixels: Vec<f32>,
}

impl Gray {
    pub(super) fn of(image: &DynamicImage) -> Self {
        let luma = image.to_luma8();
        let (width, height) = luma.dimensions();
        let whole = Self {
            width: width as usize,
            height: height as usize,
            pixels: luma.into_raw().into_iter().map(f32::from).collect(),
        };
        let longer = width.max(height);
        if longer <= SIDE {
            return whole;
        }
        let scaled = |side: u32| (u64::from(side) * u64::from(SIDE) / u64::from(longer)).max(1);
        let scaled = |side| usize::try_from(scaled(side)).unwrap_or(1);
        whole.resized(scaled(width), scaled(height))
    }

    /// The same of another size: each pixel is the middle of those it stands for.
    pub(super) fn resized(&self, width: usize, height: usize) -> Self {
        let rows = spans(self.height, height);
        let columns = spans(self.width, width);
        let mut pixels = Vec::with_capacity(width * height);
        for (top, bottom) in &rows {
            for (left, right) in &columns {
                pixels.push(self.middle((*top, *bottom), (*left, *right)));
            }
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    fn middle(&self, (top, bottom): (usize, usize), (left, right): (usize, usize)) -> f32 {
        let (mut sum, mut count) = (0.0, 0.0);
        for row in top..bottom {
            for pixel in self.row(row).get(left..right).unwrap_or_default() {
                sum += pixel;
                count += 1.0;
            }
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }

    pub(super) fn row(&self, row: usize) -> &[f32] {
        let begin = row * self.width;
        self.pixels
            .get(begin..begin + self.width)
            .unwrap_or_default()
    }

    pub(super) fn brightness(&self) -> f64 {
        mean(self.pixels.iter().copied().map(f64::from))
    }

    /// The shares of shadows and of clipped lights.
    pub(super) fn extremes(&self) -> (f64, f64) {
        let share = |is: &dyn Fn(f32) -> bool| {
            mean(
                self.pixels
                    .iter()
                    .map(|pixel| f64::from(u8::from(is(*pixel)))),
            )
        };
        (
            share(&|pixel| pixel <= SHADOW),
            share(&|pixel| pixel >= CLIPPED),
        )
    }

    /// The variance of the Laplacian: edges make it large, blur makes it small.
    pub(super) fn sharpness(&self) -> f64 {
        let mut laplacian = Vec::with_capacity(self.pixels.len());
        for middle in 1..self.height.saturating_sub(1) {
            let (above, below) = (self.row(middle - 1), self.row(middle + 1));
            let beside = self.row(middle).windows(3);
            let across = above.iter().zip(below).skip(1);
            for (beside, (above, below)) in beside.zip(across) {
                if let [left, own, right] = beside {
                    laplacian.push(f64::from(left + right + above + below - 4.0 * own));
                }
            }
        }
        let middle = mean(laplacian.iter().copied());
        mean(laplacian.iter().map(|value| (value - middle).powi(2)))
    }
}

/// From where to where each of `parts` parts of a length goes; none is empty.
fn spans(length: usize, parts: usize) -> Vec<(usize, usize)> {
    let at = |part: usize| part * length / parts;
    (0..parts)
        .map(|part| (at(part), at(part + 1).max(at(part) + 1).min(length)))
        .collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}
