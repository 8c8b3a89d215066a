//! A simulated BigBlueButton node on the command line.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use simnode::{Fault, Options, Scope, Script, SimNode};
use tokio::signal::unix::{SignalKind, signal};

/// A simulated BigBlueButton node.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9001")]
    listen: SocketAddr,
    /// The shared secret.
    #[arg(long, env = "SIMNODE_SECRET", default_value = "simnode-secret", hide_env_values = true)]
    secret: String,
    /// Seed of everything random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Attendees come and go by a script, and the CPU figure follows them.
    #[arg(long)]
    life: bool,
    /// CPU figure of the load URL, 0 to 10000.
    #[arg(long, default_value_t = 0)]
    cpu: u32,
    /// End meetings without attendees after this many seconds.
    #[arg(long, value_name = "SECONDS")]
    expire_empty: Option<u64>,
    /// Make this many meetings at the start.
    #[arg(long, default_value_t = 0)]
    meetings: usize,
    /// Attendees of each of these meetings.
    #[arg(long, default_value_t = 0)]
    attendees: usize,
    /// Never answer.
    #[arg(long)]
    hang: bool,
    /// Misbehave in this way.
    #[arg(long, value_enum)]
    fault: Vec<Kind>,
    /// Misbehave only in this call, as `create`, `getMeetings`, `load`.
    #[arg(long, value_name = "CALL")]
    fault_call: Option<String>,
    /// Delay of `late`, pause of `drip`.
    #[arg(long, default_value_t = 1_000, value_name = "MILLISECONDS")]
    fault_delay: u64,
}

/// The faults that can be asked for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Hang,
    Late,
    HandleThenHang,
    Drip,
    Cut,
    Http500,
    Html,
    BrokenXml,
    ByteOrderMark,
    GzipBomb,
    Endless,
    WrongSecret,
    NoLoad,
    LoadGarbage,
}

impl Kind {
    fn fault(self, delay: Duration) -> Fault {
        match self {
            Self::Hang => Fault::Hang,
            Self::Late => Fault::Late(delay),
            Self::HandleThenHang => Fault::HandleThenHang,
            Self::Drip => Fault::Drip(delay),
            Self::Cut => Fault::Cut,
            Self::Http500 => Fault::Http500,
            Self::Html => Fault::Html,
            Self::BrokenXml => Fault::BrokenXml,
            Self::ByteOrderMark => Fault::ByteOrderMark,
            Self::GzipBomb => Fault::GzipBomb(3_000_000),
            Self::Endless => Fault::Endless,
            Self::WrongSecret => Fault::WrongSecret,
            Self::NoLoad => Fault::NoLoad,
            Self::LoadGarbage => Fault::LoadGarbage,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_writer(std::io::stderr).init();
    let args = Args::parse();
    let node = SimNode::start(Options {
        secret: args.secret,
        listen: args.listen,
        seed: args.seed,
        cpu: args.cpu,
        expire_empty: args.expire_empty.map(Duration::from_secs),
        // Nobody can look at the record from here.
        record: false,
        ..Options::default()
    })
    .await
    .with_context(|| format!("cannot listen on {}", args.listen))?;
    node.preload(&format!("sim-{}", node.port()), args.meetings, args.attendees);
    if args.life {
        node.live(Script::default());
    }
    let scope = args.fault_call.as_deref().map_or_else(Scope::all, Scope::call);
    let hang = args.hang.then_some(Kind::Hang);
    for kind in args.fault.into_iter().chain(hang) {
        node.fail(kind.fault(Duration::from_millis(args.fault_delay)), scope.clone());
    }
    // Before the line is printed: whoever reads it may send a signal at once.
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for ctrl-c")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    println!("listening on {}", node.addr());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    node.stop().await;
    Ok(())
}
