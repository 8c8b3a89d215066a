//! The tabs: a file for each, which says what is listed, in which columns.

mod clusters;
mod events;
mod meetings;
mod nodes;
mod tenants;

use std::marker::PhantomData;

use clap::ValueEnum;

use crate::keys::Context;
use crate::model::{Cluster, LoggedEvent, Meeting, Node, Tenant};
use crate::table::{Of, Table};

/// A tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Tab {
    /// Hosts that run BigBlueButton
    #[default]
    Nodes,
    /// Running meetings
    Meetings,
    /// Customers
    Tenants,
    /// Clusters and their groups
    Clusters,
    /// What happened
    Events,
}

impl Tab {
    /// All tabs from left to right.
    pub const ALL: [Self; 5] = [Self::Nodes, Self::Meetings, Self::Tenants, Self::Clusters, Self::Events];

    /// Its place from the left.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The tab so many places to the right, round the corner.
    #[must_use]
    pub fn step(self, places: usize) -> Self {
        Self::ALL[(self.index() + places) % Self::ALL.len()]
    }

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nodes => "Nodes",
            Self::Meetings => "Meetings",
            Self::Tenants => "Tenants",
            Self::Clusters => "Clusters",
            Self::Events => "Events",
        }
    }

    /// The keys that count in it.
    pub const fn context(self) -> Context {
        match self {
            Self::Nodes => Context::Nodes,
            Self::Meetings => Context::Meetings,
            Self::Tenants => Context::Tenants,
            Self::Clusters => Context::Clusters,
            Self::Events => Context::Events,
        }
    }

    /// What it lists.
    pub const fn table(self) -> &'static dyn Table {
        match self {
            Self::Nodes => &Of::<Node>(PhantomData),
            Self::Meetings => &Of::<Meeting>(PhantomData),
            Self::Tenants => &Of::<Tenant>(PhantomData),
            Self::Clusters => &Of::<Cluster>(PhantomData),
            Self::Events => &Of::<LoggedEvent>(PhantomData),
        }
    }
}
