//! The data folder: private, whole, used by one process.

use crate::own;
use journey_server::data::Folder;
use journey_server::keys::Keys;
use journey_server::token::Algorithm;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn open(path: &Path) -> Result<(), String> {
    own::open(path).map(drop).map_err(|error| error.to_string())
}

#[test]
fn the_folder_is_made_and_closed_to_others() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/b");
    open(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert_eq!(
        fs::read_to_string(folder.join(".gitignore")).unwrap(),
        "*\n"
    );
    assert!(
        !fs::read_to_string(folder.join("clients.json"))
            .unwrap()
            .contains("\"secret\"")
    );
}

#[test]
fn an_open_folder_is_closed_and_an_open_file_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    open(folder.path()).unwrap();
    assert_eq!(mode(folder.path()), 0o700);
    for name in ["keys.json", "clients.json"] {
        let path = folder.path().join(name);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(
            error.contains(name) && error.contains("0640") && error.contains("chmod 600"),
            "{error}"
        );
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    open(folder.path()).unwrap();
}

#[test]
fn two_processes_do_not_share_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = own::open(folder.path()).unwrap();
    let error = open(folder.path()).unwrap_err();
    assert!(error.contains("another process"), "{error}");
    drop(first);
    open(folder.path()).unwrap();
}

#[test]
fn what_is_damaged_is_said_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).unwrap();
    let intact: Vec<_> = ["keys.json", "clients.json"]
        .map(|name| (name, fs::read(folder.path().join(name)).unwrap()))
        .into();
    for (name, content) in &intact {
        let path = folder.path().join(name);
        let half = &content[..content.len() / 2];
        let pkcs8 = String::from_utf8_lossy(content)
            .replace("MIG", "MIH")
            .replace("\"id\": \"", "\"id\": \"a b");
        for damaged in [
            b"".as_slice(),
            b"{}",
            b"[]",
            b"\x00",
            half,
            b"{\"keys\": []} x",
            pkcs8.as_bytes(),
        ] {
            fs::write(&path, damaged).unwrap();
            let error = open(folder.path()).unwrap_err();
            assert!(error.contains(name), "{error}");
            assert_eq!(
                fs::read(&path).unwrap(),
                damaged,
                "{name} is left as it was"
            );
        }
        fs::write(&path, content).unwrap();
    }
    open(folder.path()).unwrap();
}

#[test]
fn a_folder_that_cannot_be_one_is_said() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    let error = open(&file).unwrap_err();
    assert!(
        error.contains("file") && error.contains("not a folder"),
        "{error}"
    );
    assert!(open(&file.join("below")).is_err());
}

#[test]
fn a_rotation_that_cannot_be_kept_does_not_happen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let (auth, _) = own::open(&path).unwrap();
    let before = auth.keys().jwks().to_owned();
    fs::remove_dir_all(&path).unwrap();
    let error = auth.rotate(Algorithm::ES256).unwrap_err().to_string();
    assert!(error.contains("keys.json"), "{error}");
    assert_eq!(auth.keys().jwks(), before);
}

#[test]
fn keys_are_replaced_when_they_are_old_or_of_another_kind() {
    let parent = tempfile::tempdir().unwrap();
    let folder = Folder::open(&parent.path().join("data")).unwrap();
    let open = |wanted, day: i64| Keys::open(&folder, wanted, day * 86_400).unwrap();
    let first = open(None, 1_000).current().kid().to_owned();
    assert_eq!(open(None, 1_089).current().kid(), first);
    assert_eq!(open(Some(Algorithm::ES256), 1_089).current().kid(), first);
    let aged = open(None, 1_090);
    let second = aged.current().kid().to_owned();
    assert_ne!(second, first);
    assert!(
        aged.public().find(Some(&first), Algorithm::ES256).is_some(),
        "its tokens may still be valid"
    );
    let other = open(Some(Algorithm::RS256), 1_092);
    assert_eq!(other.current().algorithm(), Algorithm::RS256);
    assert!(
        other
            .public()
            .find(Some(&second), Algorithm::ES256)
            .is_some()
    );
    assert!(
        other
            .public()
            .find(Some(&first), Algorithm::ES256)
            .is_none(),
        "its tokens have expired"
    );
    assert_eq!(
        open(None, 1_093).current().algorithm(),
        Algorithm::RS256,
        "as before"
    );
}

#[test]
fn a_running_server_renews_its_keys() {
    let parent = tempfile::tempdir().unwrap();
    let folder = Folder::open(&parent.path().join("data")).unwrap();
    let renew = |day: i64| Keys::renew(&folder, None, day * 86_400).unwrap();
    let has = |keys: &Keys, kid: &str| keys.public().find(Some(kid), Algorithm::ES256).is_some();
    assert!(renew(1_000).is_none(), "only a start makes the first one");
    let first = Keys::open(&folder, None, 1_000 * 86_400).unwrap();
    let first = first.current().kid();
    assert!(renew(1_089).is_none());
    let aged = renew(1_090).unwrap();
    let second = aged.current().kid();
    assert_ne!(second, first);
    assert!(has(&aged, first), "its tokens may still be valid");
    assert!(renew(1_091).is_none());
    let later = renew(1_092).unwrap();
    assert_eq!(later.current().kid(), second);
    assert!(!has(&later, first), "its tokens have expired");
    assert!(renew(1_093).is_none());
}
