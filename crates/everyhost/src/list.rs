//! `everyhost list`: the rows, the modules and the suites.

use std::path::Path;

use anyhow::Result;
use clap::Args;
use comfy_table::{CellAlignment, Table, presets};

use crate::hosts::Cost;
use crate::plan::{Filter, plan};
use crate::report::thousands;
use crate::visible::visible;
use crate::{hosts, modules, out, suites};

/// What `everyhost list` is told.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only the names of the rows, as one line of JSON: for a CI matrix
    #[arg(long)]
    pub rows_json: bool,
}

/// Prints the three tables, with counts.
///
/// # Errors
///
/// Where hosts.toml or the vectors are not sound.
pub fn list(root: &Path, args: &ListArgs) -> Result<()> {
    let rows = hosts::load(root)?;
    if args.rows_json {
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        out::say(serde_json::to_string(&names)?);
        return Ok(());
    }
    let suites = suites::load(&root.join(suites::DIR))?;
    let plans = plan(&rows, &suites, &Filter::everything());

    let mut table = new_table(&["row", "cases", "cost", "modules"], 1);
    for plan in &plans {
        let modules: Vec<&str> = plan.row.modules.keys().map(String::as_str).collect();
        let cost = if plan.row.cost == Cost::Fast {
            "fast"
        } else {
            "slow"
        };
        table.add_row([
            &plan.row.name,
            &thousands(plan.items.len()),
            cost,
            &modules.join(", "),
        ]);
    }
    out::lines(&format!("{table}\n\n"));

    let mut table = new_table(&["module", "cases", "what it is"], 1);
    for module in modules::load(root)?.iter().filter(|module| module.is_run()) {
        let cases = |plan: &crate::plan::RowPlan<'_>| {
            plan.items
                .iter()
                .filter(|item| item.module == module.name)
                .count()
        };
        let most = plans.iter().map(cases).max().unwrap_or_default();
        table.add_row([&module.name, &thousands(most), &module.about]);
    }
    out::lines(&format!("{table}\n\n"));

    let mut table = new_table(&["suite", "cases", "source"], 1);
    for suite in &suites {
        table.add_row([
            visible(&suite.suite).as_ref(),
            &thousands(suite.cases.len()),
            visible(&suite.source.name).as_ref(),
        ]);
    }
    out::lines(&table.to_string());
    Ok(())
}

fn new_table(header: &[&str], number_column: usize) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    if let Some(column) = table.column_mut(number_column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
