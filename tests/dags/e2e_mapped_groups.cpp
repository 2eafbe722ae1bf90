// Mapped task groups and mapped operators.
#include <venturi/dag.h>

#include <map>
using namespace venturi;

struct Command {
  std::string bash_command;
  std::map<std::string, std::string> env;
};
VENTURI_STRUCT(Command, bash_command, env);

std::vector<std::string> list_files(const Context& context) {
  std::vector<std::string> files;
  for (std::int64_t i = 0; i < context.params().get_int("files"); ++i) files.push_back("file_" + std::to_string(i));
  return files;
}
std::string download(const Context& context, const std::string& file) {
  if (context.params().get_string("fails") == file) throw std::runtime_error(file + " is not there");
  return "raw " + file;
}
std::int64_t measure(const std::string& raw, const std::string& file, std::int64_t factor) {
  return factor * static_cast<std::int64_t>(raw.size() + file.size());
}
std::int64_t total(const std::vector<std::int64_t>& sizes) {
  std::int64_t sum = 0;
  for (const std::int64_t size : sizes) sum += size;
  return sum;
}
std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

VENTURI_DAG(e2e_mapped_groups, {.is_paused_upon_creation = false, .params = {{"files", 3}, {"fails", ""}}}) {
  auto files = dag.task<list_files>();
  auto sizes =
      dag.expand_group("per_file", [](TaskGroup& group, const MappedItem<std::string>& file, const MappedItem<int>& factor) {
        auto raw = group.task<download>()(file);
        auto shown = group.add(BashOperator{
            .task_id = "show", .bash_command = "echo {{ ti.map_index }} $RAW $FILE", .env = {{"RAW", raw}, {"FILE", file}}});
        auto size = group.task<measure>()(raw, file, factor);
        shown >> size;
        return size;
      })(files, expand({1, 10}));
  dag.task<total>({.trigger_rule = TriggerRule::all_done})(sizes);

  auto chosen = dag.expand_group("choices", [](TaskGroup& group, const MappedItem<std::string>& way) {
    auto choose = group.task("way", [](const std::string& to) { return to; })(way);
    auto branch = group.branch("choose", [](const std::string& to) { return "choices." + to; })(choose);
    auto left = group.task("left", [] {});
    auto right = group.task("right", [] {});
    branch >> Tasks{left, right};
    auto told =
        group.task("told", [](const std::string& to) { return to; }, {.trigger_rule = TriggerRule::none_failed})(choose);
    Tasks{left, right} >> told;
    return told;
  })(expand({"left", "right"}));
  dag.task<joined>("ways")(chosen);

  auto commands = dag.task("commands", [] { return std::vector<std::string>{"echo one", "exit 99", "echo three"}; });
  auto said = dag.partial(BashOperator{.task_id = "say", .env = {{"LANG", "C"}}}).expand(&BashOperator::bash_command, commands);
  dag.task<joined>("said", {.trigger_rule = TriggerRule::all_done})(said);
  auto rendered = dag.partial(BashOperator{.task_id = "render"})
                      .expand(&BashOperator::bash_command, expand({"echo {{ ti.task_id }}", "echo {{ ti.map_index }} $(pwd)"}),
                              &BashOperator::cwd, expand({"/tmp", "/usr"}));
  dag.task<joined>("rendered")(rendered);
  auto [command, folder] = zip(commands, expand({"/", "/tmp", "/usr"}));
  dag.partial(BashOperator{.task_id = "both"}).expand(&BashOperator::bash_command, command, &BashOperator::cwd, folder);
  auto structs =
      dag.task("structs", [] { return std::vector<Command>{{"echo $A", {{"A", "a"}}}, {"echo $A$A", {{"A", "b"}}}}; });
  dag.task<joined>("by_struct")(dag.partial(BashOperator{.task_id = "kwargs"}).expand_kwargs(structs));
}
