// A run: what it is, its tasks as a grid, a graph and a table, and what can be done with it.
#include <algorithm>

#include <fmt/format.h>

#include "model/connection.h"
#include "pages/dag_pages.h"
#include "pages/links.h"

namespace venturi::pages {
namespace {

Html crumbs(const DagRun& run) {
  return html("<nav class=\"crumbs\" aria-label=\"Where this is\"><a href=\"/\">DAGs</a> / <a href=\"{}\">{}</a></nav>\n",
              dag_link(run.dag_id), run.dag_id);
}

Html actions(const View& view, const DagRun& run) {
  if (!view.session.may(api::Role::user)) return {};
  const std::string link = run_link(run.dag_id, run.run_id);
  Html out = html("<div class=\"actions\">");
  out.add(view.button(link + "/clear", "Clear all"));
  out.add(view.button(link + "/clear", "Clear failed", "", {{"only_failed", "yes"}}));
  if (run.state != RunState::success) out.add(view.button(link + "/mark", "Mark success", "", {{"state", "success"}}));
  if (run.state != RunState::failed) out.add(view.button(link + "/mark", "Mark failed", "", {{"state", "failed"}}));
  if (is_finished(run.state))
    out.add(
        "<details class=\"sure\"><summary class=\"button\">Delete …</summary><div>{}<span class=\"soft\">with its logs, XComs "
        "and files</span></div></details>",
        view.button(link + "/delete", "Delete this run", "danger"));
  return out.add("</div>\n");
}

Html facts(const View& view, const DagRun& run, const Dag* dag) {
  Html out = html("<dl class=\"facts\">");
  const auto fact = [&](std::string_view name, const Html& value) {
    out.add("<div><dt>{}</dt><dd>{}</dd></div>", name, value);
  };
  fact("Type", html("{}", to_string(run.run_type)));
  fact("Logical date", view.moments.of(run.logical_date));
  if (run.data_interval_start && run.data_interval_end)
    fact("Data interval", html("{} to {}", view.moments.of(run.data_interval_start), view.moments.of(run.data_interval_end)));
  fact("Started", view.moments.of(run.start_date));
  fact("Ended", view.moments.of(run.end_date));
  fact("Took", html("{}", lasted(run.start_date, run.end_date, view.now)));
  if (!run.triggered_by.empty()) fact("Triggered by", html("{}", run.triggered_by));
  if (run.partition_key) fact("Partition", html("{}", *run.partition_key));
  if (dag != nullptr) {
    const auto versions = need(view.reader.dag_versions(run.dag_id));
    const auto found = std::ranges::find(versions, run.dag_version_id, &store::DagVersionRow::version_id);
    if (found != versions.end())
      fact("DAG version", html("<a href=\"{}/code?version={}\">{}</a>", dag_link(run.dag_id), found - versions.begin() + 1,
                               found - versions.begin() + 1));
  }
  out.add("</dl>\n");
  if (run.conf.is_object() && !run.conf.as_object().empty())
    out.add("<h2>Conf</h2><pre class=\"code\">{}</pre>\n", to_json(redact_sensitive(run.conf), 2));
  return out;
}

Html note_form(const View& view, const DagRun& run) {
  std::string note;
  for (const store::Note& found : need(view.reader.notes(run.no))) {
    if (found.task_instance == 0) note = found.content;
  }
  if (!view.session.may(api::Role::user)) return note.empty() ? Html() : html("<h2>Note</h2><p class=\"note\">{}</p>\n", note);
  return html(
      "<h2 id=\"note-head\">Note</h2><form class=\"stack\" method=\"post\" action=\"{}/note\">{}<textarea name=\"note\" "
      "rows=\"2\" maxlength=\"1000\" "
      "aria-labelledby=\"note-head\">{}</textarea><button>Save note</button></form>\n",
      run_link(run.dag_id, run.run_id), view.form_fields(), note);
}

Html task_table(const View& view, const DagRun& run, const Dag* dag, const std::vector<TaskSum>& sums) {
  Html out;
  out.reserve(sums.size() * 512);
  out.add(
      "<table class=\"list\"><caption class=\"unseen\">Task instances</caption><thead><tr><th scope=\"col\">Task</th><th "
      "scope=\"col\">State</th>"
      "<th scope=\"col\">Try</th><th scope=\"col\">Operator</th><th scope=\"col\">Started</th><th "
      "scope=\"col\">Took</th></tr></thead><tbody>\n");
  for (const TaskSum& sum : sums) {
    const auto index = dag == nullptr ? std::nullopt : dag->find_task(sum.task_id);
    const TaskState state = sum.state();
    out.add("<tr><th scope=\"row\"><a href=\"{}\">{}</a>{}</th>", task_link(run.dag_id, run.run_id, sum.task_id), sum.task_id,
            sum.is_mapped ? html(" <span class=\"soft\">[{}]</span>", sum.instances) : Html());
    out.add("<td data-name=\"State\">{}{}</td><td data-name=\"Try\">{}</td><td data-name=\"Operator\">{}</td>", badge(state),
            sum.instances > 1 ? html(" <span class=\"soft\">{}</span>", sum.text()) : Html(), sum.try_number,
            index ? dag->tasks[*index].task_type : "");
    out.add("<td data-name=\"Started\">{}</td><td data-name=\"Took\">{}</td></tr>\n", view.moments.of(sum.start_date),
            lasted(sum.start_date, sum.end_date, view.now));
  }
  return out.add("</tbody></table>\n");
}

Page make_run(const View& view, const std::string& dag_id, const std::string& run_id) {
  const DagRun run = need_run(view, dag_id, run_id);
  const auto dag = dag_of(view, run);
  const auto sums = sum_tasks(need(view.reader.task_counts(run.no)));
  Html body = crumbs(run);
  body.add("<div class=\"head\"><h1>{} {}</h1>{}</div>\n", run.run_id, badge(run.state), actions(view, run));
  if (run.state == RunState::queued && is_paused(view, dag_id))
    body.add("<div class=\"error\">The DAG is paused: the run waits until it is unpaused. {}</div>\n",
             view.session.may(api::Role::user) ? view.button(dag_link(dag_id) + "/unpause", "Unpause") : Html());
  body.add(facts(view, run, dag.get()));
  if (dag) {
    std::map<std::string, TaskSum> by_id;
    for (const TaskSum& sum : sums) by_id.emplace(sum.task_id, sum);
    body.add("<h2>Graph</h2>\n").add(graph(*dag, run_id, by_id));
  }
  body.add("<h2>Tasks</h2>\n");
  if (sums.empty())
    body.add("<p class=\"empty\">The run has no task instances yet.</p>");
  else
    body.add(legend()).add(task_table(view, run, dag.get(), sums));
  body.add(note_form(view, run));
  return {.title = run.run_id + " of " + run.dag_id, .body = std::move(body), .section = "/"};
}

void get_run(const Visited& visit) {
  visit->show([dag_id = visit->at("dag_id"), run_id = visit->at("run_id")](const View& view) {
    return make_run(view, dag_id, run_id);
  });
}

std::string of_run(const Visited& visit, std::string_view more = {}) {
  std::string path = api_path({"dags", visit->at("dag_id"), "dagRuns", visit->at("run_id")});
  if (!more.empty()) path += "/" + std::string(more);
  return path;
}
std::string home_of(const Visited& visit) {
  return run_link(visit->at("dag_id"), visit->at("run_id"));
}

void post_clear(const Visited& visit) {
  const bool only_failed = visit->form.text("only_failed") == "yes";
  visit->change("POST", of_run(visit, "clear"), Object{{"dry_run", false}, {"only_failed", only_failed}}, "cleared",
                home_of(visit));
}

void post_mark(const Visited& visit) {
  visit->change("PATCH", of_run(visit), Object{{"state", visit->form.text("state")}}, "marked", home_of(visit));
}

void post_note(const Visited& visit) {
  const std::string note = visit->form.lines("note");
  visit->change("PATCH", of_run(visit), Object{{"note", note.empty() ? Value() : Value(note)}}, "noted", home_of(visit));
}

void post_delete(const Visited& visit) {
  visit->form.set("back", dag_link(visit->at("dag_id")));
  visit->change("DELETE", of_run(visit), {}, "deleted", "/");
}

}  // namespace

DagRun need_run(const View& view, const std::string& dag_id, const std::string& run_id) {
  auto run = need(view.reader.run(dag_id, run_id));
  if (!run) throw Trouble{404, "The DAG " + dag_id + " has no run " + run_id + "."};
  return std::move(*run);
}

std::shared_ptr<const Dag> need_dag(const View& view, const std::string& dag_id) {
  auto dag = need(view.reader.dag(dag_id));
  if (!dag) throw Trouble{404, "There is no DAG " + dag_id + "."};
  return dag;
}

bool is_paused(const View& view, const std::string& dag_id) {
  const auto states = need(view.reader.dag_states());
  const auto state = std::ranges::find(states, dag_id, &DagState::dag_id);
  return state != states.end() && state->is_paused;
}

std::shared_ptr<const Dag> dag_of(const View& view, const DagRun& run) {
  return view.reader.dag_version(run.dag_version_id).value_or(nullptr);
}

std::vector<Route> run_routes() {
  return {{"GET", "/dags/{dag_id}/runs/{run_id}", get_run},
          {"POST", "/dags/{dag_id}/runs/{run_id}/clear", post_clear},
          {"POST", "/dags/{dag_id}/runs/{run_id}/mark", post_mark},
          {"POST", "/dags/{dag_id}/runs/{run_id}/note", post_note},
          {"POST", "/dags/{dag_id}/runs/{run_id}/delete", post_delete}};
}

}  // namespace venturi::pages
