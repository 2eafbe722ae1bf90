// What people see of a DAG: description, tags, owners and documents in Markdown.
#include <venturi/dag.h>
using namespace venturi;

void load() {}

// [whole]
VENTURI_DAG(docs_and_owners, {.tags = {"shop", "nightly"},
                              .description = "Orders of the shop into the warehouse",
                              .doc_md = R"(
### Orders

Comes from the **shop**, goes to the warehouse. Whom to ask: *data@example.com*.
)",
                              .default_args = {.owner = "data"}}) {
  dag.task<load>({.doc_md = "Replaces the whole day: it can be run again."});
}
// [end]
