//! The whole flows that the manual shows are read, and have no fault.

use super::{AUDIO, loaded, shown};

/// The YAML blocks of a page that are a whole flow.
fn flows(page: &str) -> Vec<&str> {
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks
        .filter(|block| block.lines().any(|line| line.starts_with("flow: ")) && block.contains("\nsteps:\n"))
        .collect()
}

#[test]
fn the_whole_flows_of_the_manual_have_no_fault() {
    for page in [include_str!("../../../docs/flows.md"), include_str!("../../../docs/flows.fr.md")] {
        let flows = flows(page);
        assert!(!flows.is_empty());
        for flow in flows {
            assert_eq!(shown(&loaded(flow, &AUDIO)), "", "{flow}");
        }
    }
}
