//! The whole flows and sub-flows that the manual shows are read, and have no fault.

use super::{AUDIO, FLOW, codes, loaded, shown};

/// The YAML blocks of a page that are a whole file of this kind.
fn whole<'p>(page: &'p str, key: &str) -> Vec<&'p str> {
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.filter(|block| block.lines().any(|line| line.starts_with(key)) && block.contains("\nsteps:\n")).collect()
}

#[test]
fn the_whole_files_of_the_manual_have_no_fault() {
    for page in [include_str!("../../../docs/flows.md"), include_str!("../../../docs/flows.fr.md")] {
        let (flows, subflows) = (whole(page, "flow: "), whole(page, "subflow: "));
        assert!(!flows.is_empty() && !subflows.is_empty());
        for flow in flows {
            assert_eq!(shown(&loaded(flow, &AUDIO)), "", "{flow}");
        }
        for subflow in subflows {
            let loaded = super::subflow::with(FLOW, subflow);
            assert_eq!(codes(&loaded), ["unused-subflow"], "{}", shown(&loaded));
        }
    }
}
