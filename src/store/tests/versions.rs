//! Versions of the flows, on SQLite and on PostgreSQL.

use super::super::{Files, How, Store, Version};
use super::at;
use crate::base::limits;
use crate::flow::{FileChange, FileFate, Texts};

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let fresh = super::super::Fresh::sqlite().await;
                super::$name(&fresh.store).await;
            })*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                let fresh = super::super::Fresh::postgres().await;
                super::$name(&fresh.store).await;
            })*
        }
    };
}

on_both![
    a_version_comes_back_as_it_was_kept,
    only_the_newest_versions_are_kept_and_numbers_go_on,
    folders_have_versions_of_their_own,
    a_rollback_is_unwritten_until_it_is_said_to_be_written,
];

fn texts(text: &str) -> Texts {
    [("france-services/accueil.yaml".to_owned(), text.to_owned())].into_iter().collect()
}

fn version(how: How, who: Option<&str>) -> Version {
    let changes =
        vec![FileChange { path: "france-services/accueil.yaml".into(), what: FileFate::New, added: 1, removed: 0 }];
    let (who, files) = (who.map(str::to_owned), Files::Written);
    Version { number: 0, kept: at(1_000), how, who, restores: None, files, changes }
}

async fn a_version_comes_back_as_it_was_kept(store: &Store) {
    let written = texts("say: \"L'été ☀\"\n");
    for how in [How::Start, How::Watch, How::Signal, How::Api, How::Rollback, How::Kept] {
        let kept = version(how, Some("amélie"));
        let number = store.keep_version("/flows", &kept, &written).await.unwrap();
        let found = store.version("/flows", number).await.unwrap();
        assert_eq!(found, Some((Version { number, ..kept }, written.clone())));
    }
    let nobody = Version { restores: Some(2), ..version(How::Api, None) };
    let number = store.keep_version("/flows", &nobody, &Texts::default()).await.unwrap();
    assert_eq!(store.version("/flows", number).await.unwrap(), Some((Version { number, ..nobody }, Texts::default())));
    assert_eq!(store.version("/flows", number + 1).await.unwrap(), None);
}

async fn only_the_newest_versions_are_kept_and_numbers_go_on(store: &Store) {
    for n in 0..limits::VERSIONS + 3 {
        store.keep_version("/flows", &version(How::Watch, None), &texts(&n.to_string())).await.unwrap();
    }
    let kept: Vec<u64> = store.versions("/flows").await.unwrap().iter().map(|version| version.number).collect();
    assert_eq!(kept, (4..=limits::VERSIONS + 3).rev().collect::<Vec<_>>());
}

async fn folders_have_versions_of_their_own(store: &Store) {
    let one = store.keep_version("/one", &version(How::Start, None), &texts("1")).await.unwrap();
    let two = store.keep_version("/two", &version(How::Start, None), &texts("2")).await.unwrap();
    assert_eq!((one, two), (1, 2));
    assert_eq!(store.version("/one", two).await.unwrap(), None);
    assert_eq!(store.versions("/two").await.unwrap().len(), 1);
}

async fn a_rollback_is_unwritten_until_it_is_said_to_be_written(store: &Store) {
    let rollback = Version { files: Files::Unwritten, restores: Some(1), ..version(How::Rollback, None) };
    let number = store.keep_version("/flows", &rollback, &texts("1")).await.unwrap();
    assert_eq!(store.versions("/flows").await.unwrap()[0].files, Files::Unwritten);
    store.mark_written(number).await.unwrap();
    assert_eq!(store.versions("/flows").await.unwrap()[0].files, Files::Written);
}
