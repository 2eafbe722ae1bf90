// What becomes of the DAGs that a file declares: taken, refused, kept as they were, or let go.
#include <algorithm>
#include <utility>

#include "lanes/dag_processor_impl.h"
#include "lanes/dag_version.h"

namespace venturi::lanes {

void DagProcessor::Impl::apply(const std::string& relative, File& file, const Loaded& loaded) {
  std::string errors;
  const auto add_error = [&errors](const std::string& text) { errors += errors.empty() ? text : "\n" + text; };
  if (const Value* found = loaded.result.get("import_errors"); found != nullptr && found->is_object()) {
    for (const auto& [path, text] : found->as_object())
      add_error((path == relative ? "" : path + ": ") + (text.is_string() ? text.as_string() : to_json(text)));
  }
  const Value* serialized = loaded.result.get("serialized_dags");
  std::set<std::string> declared;
  if (serialized == nullptr || !serialized->is_array()) {
    add_error("the program's DagFileParsingResult has no list serialized_dags; build it with Venturi's SDK");
  } else {
    for (const Value& dag : serialized->as_array()) {
      if (auto why = apply_dag(relative, file, loaded, dag, declared)) add_error(*why);
    }
  }
  // As in Airflow, only a file that is whole takes back what it gave before.
  if (!errors.empty()) return set_error(relative, file, ErrorKind::invalid, std::move(errors));
  forget_claims(relative, file);
  last_good[relative] = {loaded.program->hash, {declared.begin(), declared.end()}};
  std::vector<std::string> gone;
  for (const auto& [dag_id, served] : file.dags) {
    if (!declared.contains(dag_id)) gone.push_back(dag_id);
  }
  for (const std::string& dag_id : gone) let_go(relative, file, dag_id);
  clear_error(relative, file);
}

std::optional<std::string> DagProcessor::Impl::apply_dag(const std::string& relative, File& file, const Loaded& loaded,
                                                         const Value& serialized, std::set<std::string>& declared) {
  const Value* data = serialized.get("data");
  if (data == nullptr) return "a serialized DAG without data; build the program with Venturi's SDK";
  auto read = read_serialized_dag(*data);
  if (!read) return read.error().text();
  const std::string dag_id = read->dag_id;
  if (!declared.insert(dag_id).second) return "dag_id " + dag_id + " is declared twice in this file; give one another dag_id";
  auto other = owners.claim(dag_id, relative);
  if (other && vanishing.contains(*other)) {  // renamed: do not wait for the grace of the old name
    vanishing.erase(*other);
    remove(*other);
    other = owners.claim(dag_id, relative);
  }
  if (other)
    return "dag_id " + dag_id + " is declared in two files, " + *other + " and " + relative + "; the one of " + *other +
           " is used: give one of them another dag_id, or remove a file";
  const auto dag = std::make_shared<Dag>(std::move(*read));
  dag->bundle = options.bundle;
  dag->relative_fileloc = relative;
  dag->fileloc = options.dags_folder + "/" + relative;
  dag->program = loaded.program->path;
  // Without a program the content is all that there is.
  const std::string program_hash = loaded.program->path.empty() ? std::string() : loaded.program->hash;
  dag->version_id = dag_version_id(dag_id, to_json(*data), program_hash);
  Served& served = file.dags[dag_id];
  if (served.version_id == dag->version_id && served.program == dag->program) return std::nullopt;
  served = {dag->version_id, dag->program};
  callbacks.on_dag(dag);
  return std::nullopt;
}

void DagProcessor::Impl::serve_last_good(const std::string& relative, File& file) {
  if (file.has_outcome || !file.dags.empty()) return;
  const auto good = last_good.find(relative);
  if (good == last_good.end()) return;
  const Loaded loaded = lane.load_cached(relative, good->second.program_hash);
  const Value* serialized = loaded.result.get("serialized_dags");
  if (loaded.error || serialized == nullptr || !serialized->is_array()) return;
  std::set<std::string> declared;
  // They were fine when they were recorded; what another file claims by now stays with it.
  for (const Value& dag : serialized->as_array()) (void)apply_dag(relative, file, loaded, dag, declared);
}

void DagProcessor::Impl::forget_claims(const std::string& relative, const File& file) {
  const auto good = last_good.extract(relative);
  if (good.empty()) return;
  for (const std::string& dag_id : good.mapped().dag_ids) {
    if (file.dags.contains(dag_id)) continue;
    for (const std::string& refused : owners.release(dag_id, relative)) enqueue(refused);
  }
}

void DagProcessor::Impl::let_go(const std::string& relative, File& file, const std::string& dag_id) {
  file.dags.erase(dag_id);
  for (const std::string& refused : owners.release(dag_id, relative)) enqueue(refused);
  callbacks.on_gone(dag_id);
}

void DagProcessor::Impl::set_error(const std::string& relative, File& file, ErrorKind kind, std::string text) {
  file.error_kind = kind;
  if (file.error == text) return;
  file.error = std::move(text);
  callbacks.on_import_error({relative, *file.error});
}

void DagProcessor::Impl::clear_error(const std::string& relative, File& file) {
  if (file.has_outcome && !file.error) return;
  file.error.reset();
  callbacks.on_import_ok(relative);
}

}  // namespace venturi::lanes
