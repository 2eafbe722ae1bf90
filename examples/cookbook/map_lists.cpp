// Lists that are changed, put together and filled before tasks go over them: Airflow's map, zip with a fillvalue, and
// concat. Nothing of this is a task of its own: each instance reads its own items, and runs the functions on them.
#include <venturi/dag.h>

#include <map>
using namespace venturi;

struct Copy {
  std::string from, to;
};
VENTURI_STRUCT(Copy, from, to);

// [functions]
std::vector<std::string> list_files() { return {"orders.csv", "notes.txt", "customers.csv"}; }
std::vector<std::string> list_more() { return {"products.csv"}; }
std::vector<std::int64_t> list_sizes() { return {1000, 20}; }

// A plain function of an item. Skipping skips the instance that would have had it; the list stays as long as it was.
Copy to_copy(const std::string& file) {
  if (!file.ends_with(".csv")) skip_task(file + " is no CSV");
  return {"/landing/" + file, "/archive/" + file};
}
std::string label(const std::string& file, std::int64_t size) { return file + " (" + std::to_string(size) + ")"; }

void copy(const Context& context, const Copy& c) { context.log().info(c.from, " to ", c.to); }
void tell(const Context& context, const std::string& file, std::int64_t size) { context.log().info(file, ": ", size); }
void print(const Context& context, const std::string& text) { context.log().info(text); }
std::int64_t count(const std::vector<std::string>& labels) { return static_cast<std::int64_t>(labels.size()); }
std::string connect(const std::map<std::string, std::string>& options) { return options.at("host"); }
// [end]

VENTURI_DAG(map_lists) {
  // [lists]
  auto files = dag.task<list_files>();
  auto more = dag.task<list_more>();
  auto sizes = dag.task<list_sizes>();

  dag.task<copy>()(expand(files.map<to_copy>()));                               // two copied, one skipped
  dag.task<print>("all")(expand(concat(files, more, expand({"readme.csv"}))));  // five instances
  auto [file, size] = zip(files, sizes).fillvalue("none", 0);                   // as long as the longest: three
  dag.task<tell>()(file, size);
  auto [from, region, copies] = zip(files, expand({"eu", "us"}), expand({1, 2}));  // any number of lists
  dag.task("spread", [](const std::string&, const std::string&, int) {})(from, region, copies);
  auto labels = zip(files, sizes).map<label>().map([](const std::string& text) { return text + ";"; });
  dag.task<print>("labels")(expand(labels));  // as long as the shortest: two
  dag.task<count>()(labels);                  // not expanded: the whole list
  // Airflow's expand_kwargs: the function gets the struct or the map.
  dag.task<copy>("fixed").expand_kwargs(std::vector<Copy>{{"/a", "/b"}, {"/c", "/d"}});
  dag.task<connect>().expand_kwargs(
      std::vector<std::map<std::string, std::string>>{{{"host", "eu"}}, {{"host", "us"}}});
  // Built-in operators go over lists that are put together; what a function shall make for them, a task makes.
  auto commands = dag.task("to_command", [](const std::string& text) { return "echo '" + text + "'"; })(expand(labels));
  dag.partial(BashOperator{.task_id = "show"}).expand(&BashOperator::bash_command, concat(commands, expand({"pwd"})));
  // [end]
}
//
//   venturi dags test map_lists
//   success; skipped: copy
