// A DAG from its description in a scenario, in the words of ../README.md.
#pragma once

#include <venturi/dag.h>

#include <string>

namespace oracle {

// `state_folder`: where callbacks and sensors keep what cannot be seen otherwise. Throws where the description names what there
// is not; what an author would be told of the DAG is told of it as of any other.
void add_dag(venturi::DagBag& bag, const venturi::Value& description, const std::string& state_folder);

}  // namespace oracle
