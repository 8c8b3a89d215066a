#![cfg_attr(fuzzing, no_main)]
b3lb_fuzz::target!("query", harness::fuzz::targets::query);
