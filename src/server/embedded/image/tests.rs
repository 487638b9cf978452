//! Images that are made here: what is found of them, which hash they have, and hostile ones.

use super::*;
use ::image::codecs::jpeg::JpegEncoder;
use ::image::imageops::{FilterType, blur};
use ::image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use proptest::prelude::*;
use std::io::Cursor;

/// A scene of this number: rectangles of its own, with texture.
fn scene(number: u32, width: u32, height: u32) -> RgbImage {
    let mut state = number.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut next = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut image = RgbImage::from_pixel(width, height, Rgb([120, 120, 120]));
    for _ in 0..24 {
        let (left, top) = (next(width), next(height));
        let (right, bottom) = (left + next(width / 2) + 1, top + next(height / 2) + 1);
        let color = Rgb([0; 3].map(|_| u8::try_from(30 + next(200)).unwrap()));
        for y in top..bottom.min(height) {
            for x in left..right.min(width) {
                image.put_pixel(x, y, color);
            }
        }
    }
    image
}

fn png(image: &RgbImage) -> Vec<u8> {
    encoded(image, ImageFormat::Png)
}

fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image.clone())
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

fn jpeg(image: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    encoder.encode_image(image).unwrap();
    bytes
}

fn report(bytes: &[u8]) -> Report {
    inspect(bytes, Purpose::Image).unwrap()
}

fn failed(report: &Report) -> Vec<&'static str> {
    let failed = report
        .checks
        .iter()
        .filter(|check| check.result == Outcome::Failed);
    failed.map(|check| check.name).collect()
}

#[test]
fn a_good_image_passes_in_every_format_and_is_referred_where_a_model_is_needed() {
    let image = scene(1, 640, 480);
    for (format, name) in [
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::WebP, "image/webp"),
    ] {
        let bytes = encoded(&image, format);
        let report = report(&bytes);
        assert_eq!(
            (report.format, report.width, report.height),
            (name, 640, 480)
        );
        assert_eq!((report.verdict, failed(&report)), (Verdict::Passed, vec![]));
        for (purpose, count) in [(Purpose::Document, 1), (Purpose::Selfie, 2)] {
            let report = inspect(&bytes, purpose).unwrap();
            assert_eq!(report.verdict, Verdict::Refer);
            let open = report
                .checks
                .iter()
                .filter(|c| c.result == Outcome::Undetermined);
            assert_eq!(open.count(), count);
        }
    }
}

#[test]
fn each_fault_of_a_picture_is_found() {
    let good = scene(2, 640, 480);
    let with = |change: &dyn Fn(u8) -> u8| {
        let mut image = good.clone();
        image
            .pixels_mut()
            .for_each(|pixel| pixel.0 = pixel.0.map(change));
        failed(&report(&png(&image)))
    };
    assert_eq!(with(&|light| light / 16), ["sharpness", "exposure"]);
    assert!(with(&|light| light.saturating_mul(3)).contains(&"glare"));
    assert_eq!(failed(&report(&png(&blur(&good, 8.0)))), ["sharpness"]);
    assert_eq!(failed(&report(&png(&scene(2, 150, 400)))), ["resolution"]);
    let flat = RgbImage::from_pixel(300, 300, Rgb([128; 3]));
    let flat = report(&png(&flat));
    assert_eq!(
        (failed(&flat), flat.hash),
        (vec!["sharpness"], PerceptualHash(0))
    );
}

/// A PNG that says it is this large and holds nothing.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(&scene(1, 8, 8));
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (0xedb8_8320 * (crc & 1))
        })
    };
    !bytes.iter().fold(!0, step)
}

#[test]
fn hostile_files_are_refused() {
    let refused = |bytes: &[u8]| inspect(bytes, Purpose::Image).unwrap_err();
    assert_eq!(refused(b""), Refusal::Unknown);
    assert_eq!(refused(b"GIF89a\x01\0\x01\0"), Refusal::Unknown);
    assert_eq!(refused(b"%PDF-1.7"), Refusal::Unknown);
    assert_eq!(refused(b"\x89PNG\r\n\x1a\n"), Refusal::Damaged);
    for (width, height) in [
        (60_000, 60_000),
        (1, 16_385),
        (16_384, 16_384),
        (u32::MAX, 1),
    ] {
        let refusal = refused(&claims(width, height));
        assert!(
            refusal == Refusal::TooLarge || width == u32::MAX,
            "{width}: {refusal}"
        );
    }
    let polyglot = [
        &png(&scene(1, 64, 64))[..],
        b"PK\x03\x04<script>alert(1)</script>",
    ]
    .concat();
    assert_eq!(
        report(&polyglot).format,
        "image/png",
        "only pixels are looked at"
    );
    let heavy = vec![0xff; crate::limits::MAX_IMAGE + 1];
    assert_eq!(refused(&heavy), Refusal::TooLarge);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_hash_stays_as_an_image_is_scaled_and_compressed(number in 0_u32..1_000, percent in 40_u32..180, quality in 35_u8..95) {
        let image = scene(number, 480, 360);
        let own = report(&png(&image)).hash;
        let (width, height) = (480 * percent / 100, 360 * percent / 100);
        let scaled = ::image::imageops::resize(&image, width, height, FilterType::Triangle);
        let other = report(&jpeg(&scaled, quality)).hash;
        prop_assert!(own.distance(other) <= 10, "{}", own.distance(other));
    }

    #[test]
    fn other_images_have_other_hashes(a in 0_u32..1_000, b in 1_000_u32..2_000) {
        let [a, b] = [a, b].map(|number| report(&png(&scene(number, 240, 180))).hash);
        prop_assert!(a.distance(b) > 8, "{}", a.distance(b));
    }

    #[test]
    fn whatever_comes_is_answered(number in 0_u32..9, cut in 0.0..1.0_f64, at in 0.0..1.0_f64, byte in any::<u8>(), format in 0_usize..3) {
        let format = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP][format];
        let mut bytes = encoded(&scene(number, 40, 30), format);
        let place = (at * bytes.len() as f64) as usize;
        bytes[place] = byte;
        let _ = inspect(&bytes, Purpose::Selfie);
        bytes.truncate((cut * bytes.len() as f64) as usize);
        let _ = inspect(&bytes, Purpose::Document);
    }
}
