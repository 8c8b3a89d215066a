#![cfg_attr(fuzzing, no_main)]
b3lb_fuzz::target!("lists", |data| harness::fuzz::targets::lists(data, &mut b3lb_fuzz::strict));
