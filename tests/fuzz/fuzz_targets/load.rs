#![cfg_attr(fuzzing, no_main)]
b3lb_fuzz::target!("load", harness::fuzz::targets::load);
