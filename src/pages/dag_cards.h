// What the list shows of each DAG, kept by version: a list of a thousand DAGs does not read them all again for each page.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/dag.h"
#include "store/store.h"

namespace venturi::pages {

struct DagCard {
  std::string dag_id, title, description, schedule, schedule_text;
  std::vector<std::string> tags;
};

class DagCards {
 public:
  // Of all current DAGs, by dag_id.
  [[nodiscard]] Result<std::vector<std::shared_ptr<const DagCard>>> current(store::Reader& reader);

 private:
  std::map<std::string, std::shared_ptr<const DagCard>> by_version_;
};

// "0 5 * * *", "@daily"; empty where it has none.
[[nodiscard]] std::string schedule_of(const Dag& dag);

}  // namespace venturi::pages
