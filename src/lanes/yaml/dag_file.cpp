#include "lanes/yaml/dag_file.h"

#include <algorithm>
#include <map>

#include "lanes/yaml/dag_builder.h"
#include "lanes/yaml/model_check.h"

namespace venturi::lanes::yaml {
namespace {

// "team/orders.yaml": orders.
std::string stem_of(std::string_view path) {
  if (const std::size_t slash = path.rfind('/'); slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return std::string(path.substr(0, path.rfind('.')));
}

class FileReader {
 public:
  FileReader(const DagFileSource& source, Calendar& calendar)
      : source_{source.file, source.dags_folder}, stem_(stem_of(source.relative)), calendar_(calendar) {}

  void read(std::string_view text) {
    const YamlText yaml = read_yaml(text);
    for (const YamlProblem& problem : yaml.problems) problems_.add(problem);
    // What stands behind a syntax error would only be missed.
    if (yaml.has_syntax_error) return;
    bool has_content = false;
    for (const YamlNode* document : yaml.documents) {
      if (document->is_null()) continue;
      has_content = true;
      read_document(*document);
    }
    if (!has_content && problems_.empty()) problems_.add({1, 1}, "there is nothing in it", "write `tasks:` and what they do");
  }

  std::vector<BuiltDag> built;
  [[nodiscard]] const Problems& problems() const { return problems_; }

 private:
  void read_document(const YamlNode& node) {
    if (!node.is_mapping())
      return problems_.add(node.mark, "a DAG is a mapping, not " + std::string(type_of(node)),
                           "write `dag_id: ...`, `tasks: ...`");
    const YamlNode* dags = node.find("dags");
    if (dags == nullptr) return read_dag(stem_, node.mark, node, nullptr);
    Values values(problems_);
    OptionReader options(problems_);
    DefaultArgs defaults;
    for (const auto& [key, member] : node.members) {
      if (key->text == "default_args") {
        defaults = options.default_args(*member);
      } else if (key->text != "dags" && !key->text.starts_with("x-")) {
        std::vector<std::string> names;
        add_names(names, file_keys());
        options.unknown_key(*key, "a file of several DAGs", names);
      }
    }
    if (dags->is_mapping()) {
      for (const auto& [key, member] : dags->members) read_dag(key->text, key->mark, *member, &defaults);
    } else if (dags->is_sequence()) {
      for (const YamlNode* item : dags->items) read_dag({}, item->mark, *item, &defaults);
    } else {
      values.refuse({"dags", *dags}, "a mapping of dag_ids, or a list of DAGs");
    }
  }

  void read_dag(std::string dag_id, YamlMark mark, const YamlNode& node, const DefaultArgs* defaults) {
    if (const YamlNode* id = node.is_mapping() ? node.find("dag_id") : nullptr; id != nullptr && !id->is_null()) {
      auto text = Values(problems_).text({"dag_id", *id});
      if (!text) return;
      dag_id = std::move(*text);
      mark = id->mark;
    }
    if (dag_id.empty()) return problems_.add(mark, "a DAG without `dag_id`", "give it one");
    if (const auto [first, is_new] = places_.emplace(dag_id, mark); !is_new) {
      return problems_.add(mark,
                           "the dag_id " + quoted(dag_id) + " is that of the DAG on line " + std::to_string(first->second.line),
                           "give each an id of its own");
    }
    auto dag = DagBuilder(problems_, calendar_, std::move(dag_id), mark, node, defaults).build(source_);
    if (!dag) return;
    if (const auto error = model_error(dag->serialized)) {
      const auto task = dag->tasks.find(error->task_id);
      problems_.add(task == dag->tasks.end() ? dag->mark : task->second, error->what, error->hint);
      return;
    }
    built.push_back(std::move(*dag));
  }

  internal::SourceFile source_;
  std::string stem_;
  Calendar& calendar_;
  Problems problems_;
  std::map<std::string, YamlMark, std::less<>> places_;
};

}  // namespace

bool has_yaml_name(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

bool is_dag_file(std::string_view name, std::string_view text) {
  if (!has_yaml_name(name)) return false;
  static constexpr std::string_view words[] = {"dag_id:", "dags:", "tasks:", "task_groups:"};
  while (!text.empty()) {
    if (std::ranges::any_of(words, [&](std::string_view word) { return text.starts_with(word); })) return true;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  return false;
}

DagFile read_dag_file(std::string_view text, const DagFileSource& source, Calendar& calendar) {
  FileReader reader(source, calendar);
  reader.read(text);
  DagFile file;
  Array serialized;
  for (BuiltDag& dag : reader.built) {
    file.dag_ids.push_back(std::move(dag.dag_id));
    serialized.emplace_back(Object{{"data", std::move(dag.serialized)}, {"last_loaded", nullptr}});
  }
  file.problems = reader.problems().sorted();
  Object errors;
  if (!file.problems.empty()) errors.add(source.relative, reader.problems().text(source.relative));
  file.result = Object{{"type", "DagFileParsingResult"},
                       {"fileloc", source.file},
                       {"serialized_dags", std::move(serialized)},
                       {"warnings", Array{}},
                       {"import_errors", std::move(errors)}};
  return file;
}

}  // namespace venturi::lanes::yaml
