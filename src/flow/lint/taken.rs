use std::collections::BTreeMap;

use crate::base::PhoneNumber;
use crate::diag::Diagnostic;
use crate::flow::conflicts::number_taken;
use crate::flow::file::FlowFile;

/// A number that two flows of a service answer, or that one flow names twice.
pub(in crate::flow) fn taken(flows: &[FlowFile], out: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<PhoneNumber, &FlowFile> = BTreeMap::new();
    for flow in flows {
        for (i, number) in flow.program.numbers.iter().enumerate() {
            match taken.insert(number.international(), flow) {
                None => {}
                Some(other) => {
                    let who = format!("the flow `{}` in {}", other.program.name, other.tree.source().path);
                    out.push(number_taken(number, &who, Some(flow.tree.place(&["numbers", &i.to_string()]))));
                }
            }
        }
    }
}
