//! `everyhost list`: the rows, the modules and the suites.

use std::path::Path;

use anyhow::Result;
use clap::Args;

use crate::hosts::Cost;
use crate::plan::{RowPlan, everything};
use crate::table::print_list;
use crate::text::thousands;
use crate::{hosts, modules, out, suites};

/// The options of `everyhost list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only the names of the rows, as one line of JSON: for a CI matrix
    #[arg(long)]
    pub(crate) rows_json: bool,
}

/// Prints the three tables, with counts.
pub(crate) fn list(root: &Path, args: &ListArgs) -> Result<()> {
    let rows = hosts::load(root)?;
    if args.rows_json {
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        out::say(serde_json::to_string(&names)?);
        return Ok(());
    }
    let suites = suites::load(&root.join(suites::DIR))?;
    let plans = everything(&rows, &suites);

    let records = modules::load(root)?;
    let row = |plan: &RowPlan<'_>| {
        let mut modules = modules::names(&records);
        modules.retain(|module| plan.row.modules.contains_key(*module));
        let cost = match plan.row.cost {
            Cost::Fast => "fast",
            Cost::Slow => "slow",
        };
        vec![plan.row.name.clone(), thousands(plan.items.len()), cost.into(), modules.join(", ")]
    };
    let rows: Vec<Vec<String>> = plans.iter().map(row).collect();
    print_list(&["row", "cases", "cost", "modules"], &rows);
    out::say("");

    let modules = records.iter().filter(|module| module.is_run()).map(|module| {
        let cases = |plan: &RowPlan<'_>| {
            let items = plan.items.iter();
            items.filter(|item| item.module == module.name).count()
        };
        let most = plans.iter().map(cases).max().unwrap_or_default();
        vec![module.name.clone(), thousands(most), module.about.clone()]
    });
    print_list(&["module", "cases", "what it is"], &modules.collect::<Vec<_>>());
    out::say("");

    let suites =
        suites.iter().map(|suite| vec![suite.suite.clone(), thousands(suite.cases.len()), suite.source.name.clone()]);
    print_list(&["suite", "cases", "source"], &suites.collect::<Vec<_>>());
    Ok(())
}
