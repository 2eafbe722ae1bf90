// A DAG: its runs as a grid, its graph, what is said of it, its code and its versions.
#include <algorithm>

#include "base/percent.h"
#include "home/small_file.h"
#include "model/connection.h"
#include "pages/dag_pages.h"
#include "pages/links.h"
#include "pages/markdown.h"

namespace venturi::pages {
namespace {

constexpr int most_runs = 25;
constexpr std::size_t most_cells = 6'000;
constexpr std::int64_t runs_of_page = 25;

void add_fact(Html& out, std::string_view name, const Html& value) {
  out.add("<div><dt>{}</dt><dd>{}</dd></div>", name, value);
}

Html facts(const View& view, const Dag& dag, const DagState* state) {
  Html out = html("<dl class=\"facts\">");
  const std::string schedule = schedule_of(dag);
  add_fact(out, "Schedule", schedule.empty() ? html("none") : html("<code>{}</code>", schedule));
  const bool is_paused = state != nullptr && state->is_paused;
  add_fact(out, "Next run",
           is_paused ? html("paused") : view.moments.of(state == nullptr ? std::nullopt : state->next_run_after));
  add_fact(out, "File", html("<code>{}</code>", dag.relative_fileloc));
  if (!dag.tags.empty()) {
    Html tags;
    for (const std::string& tag : dag.tags) tags.add("<a class=\"tag\" href=\"/?tag={}\">{}</a> ", percent_encoded(tag), tag);
    add_fact(out, "Tags", tags);
  }
  add_fact(out, "Tasks", html("{}", dag.tasks.size()));
  return out.add("</dl>\n");
}

Html import_error_of(const View& view, const Dag& dag) {
  Html out;
  for (const store::ImportError& error : need(view.reader.import_errors())) {
    if (error.bundle != dag.bundle || error.filename != dag.relative_fileloc) continue;
    out.add(
        "<div class=\"error\" role=\"alert\"><p>The file cannot be read as it is now; the DAG is the one from before. "
        "{}</p><pre>{}</pre></div>\n",
        view.moments.of(error.at), error.stacktrace);
  }
  return out;
}

Html run_table(const View& view, const Dag& dag, const Fields& query) {
  const std::int64_t total = need(view.reader.count_runs({.dag_id = dag.dag_id}));
  if (total == 0) return {};
  const std::int64_t page = std::clamp<std::int64_t>(query.number("page", 1) - 1, 0, (total - 1) / runs_of_page);
  Html out = html(
      "<h2 id=\"runs\">Runs</h2><table class=\"list\"><caption class=\"unseen\">Runs</caption><thead><tr><th "
      "scope=\"col\">Run</th><th scope=\"col\">State</th>"
      "<th scope=\"col\">Type</th><th scope=\"col\">Logical date</th><th scope=\"col\">Started</th><th "
      "scope=\"col\">Took</th></tr></thead><tbody>\n");
  for (const DagRun& run : need(view.reader.runs(
           {.dag_id = dag.dag_id, .limit = static_cast<int>(runs_of_page), .offset = static_cast<int>(page * runs_of_page)}))) {
    out.add(
        "<tr><th scope=\"row\"><a href=\"{}\">{}</a></th><td data-name=\"State\">{}</td><td data-name=\"Type\">{}</td><td "
        "data-name=\"Logical date\">{}</td>"
        "<td data-name=\"Started\">{}</td><td data-name=\"Took\">{}</td></tr>\n",
        run_link(run.dag_id, run.run_id), run.run_id, badge(run.state), to_string(run.run_type),
        view.moments.of(run.logical_date), view.moments.of(run.start_date), lasted(run.start_date, run.end_date, view.now));
  }
  return out.add("</tbody></table>\n").add(pager(dag_link(dag.dag_id), query, page, runs_of_page, total));
}

Page make_dag(const View& view, const std::string& dag_id, const Fields& query) {
  const auto dag = need_dag(view, dag_id);
  Html body = dag_head(view, *dag, "");
  body.add(import_error_of(view, *dag));
  if (!dag->description.empty()) body.add("<p>{}</p>", dag->description);
  const auto states = need(view.reader.dag_states());
  const auto state = std::ranges::find(states, dag_id, &DagState::dag_id);
  body.add(facts(view, *dag, state == states.end() ? nullptr : &*state));
  const auto fitting = static_cast<int>(most_cells / std::max<std::size_t>(dag->tasks.size(), 1));
  auto runs = need(view.reader.runs({.dag_id = dag_id, .limit = std::clamp(fitting, 3, most_runs)}));
  std::ranges::reverse(runs);
  std::vector<RunColumn> columns;
  for (DagRun& run : runs) {
    auto sums = sum_tasks(need(view.reader.task_counts(run.no)));
    columns.push_back({std::move(run), std::move(sums)});
  }
  if (!columns.empty()) body.add("<h2>Last runs</h2>\n").add(legend()).add(grid(view, *dag, columns));
  body.add("<h2>Graph</h2>\n").add(graph(*dag, "", {}));
  if (const std::string doc = dag->serialized.get_value("dag").get_string("doc_md"); !doc.empty())
    body.add("<h2>About it</h2><div class=\"doc\">{}</div>\n", markdown(doc));
  body.add(run_table(view, *dag, query));
  return {.title = dag_id, .body = std::move(body), .section = "/"};
}

std::string source_of(const Dag& dag) {
  constexpr std::size_t largest = std::size_t{1} << 20;
  const auto content = read_small_file(dag.fileloc, largest);
  if (!content) return content.error().text();
  return content->value_or("The file is not there any more.");
}

Page make_code(const View& view, const std::string& dag_id, const Fields& query) {
  auto dag = need_dag(view, dag_id);
  const auto versions = need(view.reader.dag_versions(dag_id));
  const auto wanted = static_cast<std::size_t>(query.number("version", 0));
  Html body = dag_head(view, *dag, "/code");
  body.add(
      "<h2>Versions</h2><table class=\"list\"><caption class=\"unseen\">Versions</caption><thead><tr><th "
      "scope=\"col\">Version</th><th scope=\"col\">Known since</th><th scope=\"col\">Id</th></tr></thead><tbody>");
  for (std::size_t i = versions.size(); i-- > 0;) {
    if (versions.size() - i > 50) break;
    body.add(
        "<tr><th scope=\"row\"><a href=\"{}/code?version={}\">{}</a>{}</th><td data-name=\"Known since\">{}</td><td "
        "data-name=\"Id\"><code>{}</code></td></tr>\n",
        dag_link(dag_id), i + 1, i + 1, versions[i].version_id == dag->version_id ? " (current)" : "",
        view.moments.of(versions[i].created), versions[i].version_id);
  }
  body.add("</tbody></table>\n");
  const bool is_older = wanted > 0 && wanted <= versions.size() && versions[wanted - 1].version_id != dag->version_id;
  if (is_older) {
    const auto old = need(view.reader.dag_version(versions[wanted - 1].version_id));
    if (!old) throw Trouble{404, "This version is not there any more."};
    body.add(
            "<h2>Version {}</h2><p class=\"soft\">Of an older version the graph and the serialized form are kept, not the "
            "file.</p>\n",
            wanted)
        .add(graph(*old, "", {}));
    body.add("<details><summary>Serialized DAG</summary><pre class=\"code\">{}</pre></details>\n",
             to_json(redact_sensitive(old->serialized), 2));
  } else {
    const std::string source = source_of(*dag);
    const bool is_program = source.starts_with(
        "\x7F"
        "ELF");
    body.add(
        "<h2>Code</h2><p class=\"soft\">{}</p><pre class=\"code\">{}</pre>\n", dag->fileloc,
        is_program ? std::string_view("This DAG was compiled elsewhere: its file is a program.") : std::string_view(source));
  }
  return {.title = "Code of " + dag_id, .body = std::move(body), .section = "/"};
}

void get_code(const Visited& visit) {
  visit->show(
      [dag_id = visit->at("dag_id"), query = visit->query](const View& view) { return make_code(view, dag_id, query); });
}

void set_paused(const Visited& visit, bool paused) {
  visit->change("PATCH", api_path({"dags", visit->at("dag_id")}), Object{{"is_paused", paused}}, paused ? "paused" : "unpaused",
                dag_link(visit->at("dag_id")));
}
void post_pause(const Visited& visit) {
  set_paused(visit, true);
}
void post_unpause(const Visited& visit) {
  set_paused(visit, false);
}

}  // namespace

void get_dag(const Visited& visit) {
  visit->show([dag_id = visit->at("dag_id"), query = visit->query](const View& view) { return make_dag(view, dag_id, query); });
}

Html dag_head(const View& view, const Dag& dag, std::string_view here) {
  const std::string link = dag_link(dag.dag_id);
  Html out =
      html("<nav class=\"crumbs\" aria-label=\"Where this is\"><a href=\"/\">DAGs</a></nav>\n<div class=\"head\"><h1>{}</h1>",
           dag.serialized.get_value("dag").get_string("dag_display_name", dag.dag_id));
  if (view.session.may(api::Role::user)) {
    const bool paused = is_paused(view, dag.dag_id);
    out.add("<div class=\"actions\">{}<a class=\"button main\" href=\"{}/trigger\">Trigger</a></div>",
            view.button(link + (paused ? "/unpause" : "/pause"), paused ? "Unpause" : "Pause"), link);
  }
  out.add("</div>\n<nav class=\"tabs\" aria-label=\"Of this DAG\"><ul>");
  for (const auto& [path, name] :
       {std::pair("", "Overview"), std::pair("/code", "Code and versions"), std::pair("/trigger", "Trigger")})
    out.add("<li><a href=\"{}{}\"{}>{}</a></li>", link, path, Html::trusted(here == path ? " aria-current=\"page\"" : ""),
            name);
  return out.add("</ul></nav>\n");
}

std::vector<Route> dag_routes() {
  return {{"GET", "/", get_dag_list},
          {"GET", "/dags/{dag_id}", get_dag},
          {"GET", "/dags/{dag_id}/code", get_code},
          {"GET", "/dags/{dag_id}/trigger", get_trigger},
          {"POST", "/dags/{dag_id}/trigger", post_trigger},
          {"POST", "/dags/{dag_id}/pause", post_pause},
          {"POST", "/dags/{dag_id}/unpause", post_unpause}};
}

}  // namespace venturi::pages
