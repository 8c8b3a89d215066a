#![cfg_attr(fuzzing, no_main)]
b3lb_fuzz::target!("modules", |data| harness::fuzz::targets::modules(data, &mut b3lb_fuzz::strict));
