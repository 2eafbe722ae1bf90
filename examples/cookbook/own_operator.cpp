// An operator of one's own: a struct with fields and execute(). Fields are constants, templates or the outputs of other
// tasks.
#include <venturi/dag.h>
#include <venturi/own_operator.h>

#include <map>

using namespace venturi;

// Counts the orders of one status and says under which name it would archive them.
struct ArchiveOrders {
  std::string name;                             // rendered before execute() runs: see VENTURI_TEMPLATE_FIELDS
  Field<std::vector<std::string>> statuses;     // a constant, or what a task gives: *statuses
  std::string only = "paid";                    // as written
  std::map<std::string, std::string> labels{};  // rendered too: texts in lists and maps are

  std::string execute(const Context& context) {
    std::int64_t count = 0;
    for (const std::string& status : *statuses) count += status == only ? 1 : 0;
    context.log().info(count, " orders are ", only, ", archived as ", name, " for ", labels["team"]);
    return name;  // the XCom, and the type of dag.add's Output
  }

  // Told before the process is ended by a user or its execution_timeout: the place to cancel a job elsewhere. Optional.
  void on_kill() const {}
};
VENTURI_STRUCT(ArchiveOrders, name, statuses, only, labels);
VENTURI_TEMPLATE_FIELDS(ArchiveOrders, name, labels);

std::vector<std::string> read_statuses() { return {"paid", "open", "paid"}; }
void tell(const Context& context, const std::string& name) { context.log().info("see ", name); }

VENTURI_DAG(own_operator, {.params = {{"team", "sales"}}}) {
  auto archived = dag.add("archive",
                          ArchiveOrders{.name = "orders_{{ run_id }}",
                                        .statuses = dag.task<read_statuses>(),
                                        .labels = {{"team", "{{ params.team }}"}}},
                          {.retries = 2});
  dag.task<tell>()(archived);
}
