//! The sample backends in `samples/`, run as their README says, against the built signer and the simulators.
//!
//! One suite, and every sample goes through all of it. They need what `cargo xtask test --only samples` sets up.

mod buying;
mod hooks;
mod post_office;
mod sample;
mod stage;
mod trouble;
mod visitor;

/// Every sentence for every sample.
macro_rules! suite {
    ($($name:ident => $sample:expr),* $(,)?) => {$(
        mod $name {
            const SAMPLE: crate::sample::Sample = $sample;
            crate::sentences!(
                crate::buying::{
                    an_order_is_paid_at_the_servers_price_and_fulfilled_once,
                    pressing_twice_is_one_order_and_one_payment,
                    what_the_shop_does_not_sell_is_refused_by_its_field,
                    a_stranger_learns_nothing_of_an_order,
                    another_tab_gets_a_new_secret_and_the_old_one_stops_working,
                    the_page_is_served_under_a_strict_policy,
                    the_page_takes_a_payment_in_a_browser,
                }
                crate::hooks::{
                    a_webhook_that_comes_again_fulfils_nothing_more,
                    a_webhook_that_is_not_genuine_changes_nothing,
                    an_older_revision_changes_nothing,
                    a_payment_at_another_price_or_account_is_not_believed,
                    a_payment_in_review_is_flagged_to_a_person,
                }
                crate::trouble::{
                    a_signer_that_is_down_loses_no_order,
                    a_signer_that_refuses_is_told_plainly_and_in_full_to_the_log,
                    orders_survive_a_restart_and_what_was_told_meanwhile_arrives,
                }
            );
        }
    )*};
}

macro_rules! sentences {
    ($($place:ident::$room:ident::{ $($sentence:ident),* $(,)? })*) => {$($(
        #[tokio::test]
        async fn $sentence() {
            $place::$room::$sentence(SAMPLE).await;
        }
    )*)*};
}
use sentences;

suite! {
    express => crate::sample::EXPRESS,
    fastapi => crate::sample::FASTAPI,
    php => crate::sample::PHP,
    axum => crate::sample::AXUM,
}
