#include "store/sqlite/dag_rows.h"

#include "base/json.h"

namespace venturi::store {

std::string select_dags_sql(std::string_view rest) {
  return "SELECT v.serialized, v.dag_id, v.version_id, v.bundle, v.relative_fileloc, v.fileloc, v.program "
         "FROM dag_version AS v " +
         std::string(rest);
}

std::string current_dags_sql() {
  return select_dags_sql("JOIN dag AS d ON d.version_id = v.version_id WHERE d.is_stale = 0 ORDER BY d.dag_id");
}

std::string stale_dags_sql() {
  return select_dags_sql("JOIN dag AS d ON d.version_id = v.version_id WHERE d.is_stale = 1 ORDER BY d.dag_id");
}

Result<DagRows> read_dags(const Database& db, Statement& statement, Time now) {
  DagRows rows;
  while (statement.next()) {
    Columns columns = statement.row();
    std::string text, dag_id, version_id, bundle, relative_fileloc, fileloc, program;
    columns.read(text, dag_id, version_id, bundle, relative_fileloc, fileloc, program);
    const auto serialized = parse_json(text);
    Result<Dag> dag = serialized ? read_serialized_dag(*serialized) : std::unexpected(serialized.error());
    if (!dag) {
      rows.unreadable.push_back({fileloc, bundle,
                                 "DAG " + dag_id + ", version " + version_id +
                                     ", was stored by another version of Venturi and is unreadable for this "
                                     "one: " +
                                     dag.error().text() +
                                     ". Runs of this version wait; its file is read again at the next start.",
                                 now});
      rows.unreadable_versions.push_back(std::move(version_id));
      continue;
    }
    dag->bundle = std::move(bundle);
    dag->relative_fileloc = std::move(relative_fileloc);
    dag->fileloc = std::move(fileloc);
    dag->program = std::move(program);
    dag->version_id = std::move(version_id);
    rows.dags.push_back(std::make_shared<const Dag>(std::move(*dag)));
  }
  if (!statement.ok()) return std::unexpected(db.error("reading DAGs"));
  return rows;
}

}  // namespace venturi::store
