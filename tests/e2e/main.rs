//! End-to-end tests: the real daemon and tools against simulated nodes, over real sockets.

mod first_light;
