// Lists that are joined, filled and changed by functions, over a real server; and names of instances. e2e/map_lists_test.py.
#include <venturi/dag.h>
#include <venturi/own_operator.h>

#include <map>
using namespace venturi;

struct Copy {
  std::string from, to;
};
VENTURI_STRUCT(Copy, from, to);

std::vector<std::string> list_files() {
  return {"a", "b", "c"};
}
std::int64_t measure(const std::string& file) {
  if (file == "b") skip_task("b has no size");
  return 10 + file[0];
}
Copy to_copy(const std::string& file) {
  if (file == "b") skip_task("no b");
  return {file, "archive/" + file};
}
std::string copy(const Copy& c) {
  return c.from + ">" + c.to;
}
std::string pair(const std::string& file, std::int64_t size) {
  return file + "=" + std::to_string(size);
}
std::string triple(const std::string& a, std::int64_t b, const std::string& c) {
  return a + std::to_string(b) + c;
}
std::string same(const std::string& text) {
  return text;
}
std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}
void named(const Context& context, const std::string& file) {
  context.set("name", "file " + file);
  if (file == "c") fail_task("c is bad");
}
std::string large(int n) {
  return std::string(200'000, static_cast<char>('a' + n % 26));
}
std::int64_t bytes(const std::vector<std::string>& all) {
  std::int64_t sum = 0;
  for (const std::string& text : all) sum += static_cast<std::int64_t>(text.size());
  return sum;
}
struct Archive {
  Field<std::string> from{};
  std::string to = "there";
  std::string execute(const Context&) const { return *from + ">" + to; }
};
VENTURI_STRUCT(Archive, from, to);

VENTURI_DAG(e2e_map_lists, {.is_paused_upon_creation = false}) {
  auto files = dag.task<list_files>();
  auto sizes = dag.task<measure>()(expand(files));
  const TaskOptions options{.trigger_rule = TriggerRule::none_failed};  // one of measure is skipped
  dag.task<copy>()(expand(files.map<to_copy>()));
  auto each = dag.task<same>(
      "concat", options)(expand(concat(files, sizes.map([](std::int64_t n) { return std::to_string(n); }), files)));
  dag.task<joined>("all")(each);
  dag.task<joined>("whole", options)(concat(files.map<same>(), zip(files, sizes).map<pair>()));
  auto [file, size] = zip(files, sizes).fillvalue("none", 7);
  dag.task<joined>("pairs")(dag.task<pair>(options)(file, size));
  dag.task<joined>("products")(
      dag.task<triple>(options)(expand(concat(files, expand({"d"}))), expand(sizes), expand({"x", "y"})));
  dag.partial("archive", Archive{}, {.map_index_template = "{{ task.from }} {{ ti.map_index }}"}).expand(&Archive::from, files);
  dag.partial("archive_kwargs", Archive{})
      .expand_kwargs(std::vector<std::map<std::string, std::string>>{{{"from", "f"}, {"to", "t"}}});
  dag.partial(BashOperator{.task_id = "say"}, {.map_index_template = "<{{ task.bash_command }}>"})
      .expand(&BashOperator::bash_command,
              concat(dag.task("commands", [](const std::string& f) { return "echo " + f; })(expand(files)),
                     expand({"echo {{ run_id }}"})));
  auto [command, folder] = zip(expand({"pwd", "pwd"}), std::vector<std::string>{"/"}).fillvalue("true", "/tmp");
  dag.partial(BashOperator{.task_id = "folders"}).expand(&BashOperator::bash_command, command, &BashOperator::cwd, folder);
  dag.task<named>({.map_index_template = "{{ name }}"})(expand(files));
  std::vector<int> numbers;
  for (int i = 0; i < 60; ++i) numbers.push_back(i);
  dag.task<bytes>()(dag.task<large>()(expand(numbers)));
}
