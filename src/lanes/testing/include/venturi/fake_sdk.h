// As much of an SDK as the lane's tests need: describes DAGs over the real protocol and nothing else.
#pragma once

#include <string>
#include <vector>

namespace venturi::fake {

struct FakeDag {
  std::string dag_id;
  std::vector<std::string> task_ids = {"one"};
};

// For main(): answers a DagFileParseRequest with these DAGs. `import_error`: told beside them, where it is not empty.
int describe(const std::vector<FakeDag>& dags, const std::string& import_error = {});

}  // namespace venturi::fake
