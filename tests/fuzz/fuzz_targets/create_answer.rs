#![cfg_attr(fuzzing, no_main)]
b3lb_fuzz::target!("create_answer", |data| harness::fuzz::targets::create_answer(data, &mut b3lb_fuzz::strict));
