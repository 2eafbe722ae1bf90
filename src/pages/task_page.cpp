// A task instance: its tries and their logs, what it gave and was given, why it is where it is; and the instances of a mapped
// task.
#include <algorithm>

#include <fmt/format.h>

#include "api/bodies.h"
#include "base/utf8.h"
#include "pages/dag_pages.h"
#include "pages/links.h"
#include "pages/task_pages.h"
#include "server/run_paths.h"
#include "server/xcom_files.h"
#include "task/msgpack.h"

namespace venturi::pages {
namespace {

constexpr std::int64_t instances_of_page = 100;
constexpr std::size_t longest_value = 64'000;

struct Asked {
  std::string dag_id, run_id, task_id;
  std::int32_t map_index = -1;
  Fields query;
  Array held_by;  // [{name, reason}], what keeps it from going on
};

Html task_crumbs(const Asked& asked) {
  Html out = html(
      "<nav class=\"crumbs\" aria-label=\"Where this is\"><a href=\"/\">DAGs</a> / <a href=\"{}\">{}</a> / <a "
      "href=\"{}\">{}</a>",
      dag_link(asked.dag_id), asked.dag_id, run_link(asked.dag_id, asked.run_id), asked.run_id);
  if (asked.map_index >= 0)
    out.add(" / <a href=\"{}\">{}</a>", task_link(asked.dag_id, asked.run_id, asked.task_id), asked.task_id);
  return out.add("</nav>\n");
}

Html task_actions(const View& view, const Asked& asked) {
  if (!view.session.may(api::Role::user)) return {};
  std::string link = task_link(asked.dag_id, asked.run_id, asked.task_id);
  std::vector<std::pair<std::string, std::string>> which;
  if (asked.map_index >= 0) which.emplace_back("map_index", std::to_string(asked.map_index));
  const auto with = [&](std::string name, std::string value) {
    auto fields = which;
    fields.emplace_back(std::move(name), std::move(value));
    return fields;
  };
  Html out = html("<div class=\"actions\">");
  out.add(view.button(link + "/clear", "Clear", "", which));
  out.add(view.button(link + "/clear", "Clear with downstream", "", with("downstream", "yes")));
  for (const char* state : {"success", "failed", "skipped"})
    out.add(view.button(link + "/mark", fmt::format("Mark {}", state), "", with("state", state)));
  return out.add("</div>");
}

std::string end_of(const TaskInstance& ti) {
  std::string text;
  if (ti.end_reason == EndReason::exit_code)
    text = fmt::format("exit code {}", ti.end_detail);
  else if (ti.end_reason == EndReason::signal)
    text = fmt::format("killed by signal {}", ti.end_detail);
  else if (ti.end_reason != EndReason::none)
    text = std::string(to_string(ti.end_reason));
  if (!ti.error.empty()) text += (text.empty() ? "" : ": ") + ti.error;
  return text;
}

Html tries_of(const View& view, const Asked& asked, const std::vector<TaskInstance>& tries, const TaskInstance& chosen) {
  Html out = html("<h2>Tries</h2><ul class=\"tries\">");
  const std::string link = task_link(asked.dag_id, asked.run_id, asked.task_id) + "?" +
                           (asked.map_index >= 0 ? fmt::format("map_index={}&", asked.map_index) : "");
  for (const TaskInstance& ti : tries) {
    out.add("<li><a href=\"{}try={}\"{}>Try {} {} <span class=\"soft\">{}</span></a></li>", link, ti.try_number,
            Html::trusted(ti.try_number == chosen.try_number ? " aria-current=\"true\"" : ""), ti.try_number, badge(ti.state),
            lasted(ti.start_date, ti.end_date, view.now));
  }
  out.add("</ul>\n");
  out.add(
      "<dl "
      "class=\"facts\"><div><dt>Queued</dt><dd>{}</dd></div><div><dt>Started</dt><dd>{}</dd></div><div><dt>Ended</dt><dd>{}</"
      "dd></div>",
      view.moments.of(chosen.queued_at), view.moments.of(chosen.start_date), view.moments.of(chosen.end_date));
  if (chosen.next_try_at && !is_finished(chosen.state))
    out.add("<div><dt>Goes on</dt><dd>{}</dd></div>", view.moments.of(chosen.next_try_at));
  out.add("</dl>\n");
  if (const std::string end = end_of(chosen); !end.empty()) out.add("<p class=\"error\">{}</p>\n", end);
  return out.add("<h2 id=\"log\">Log of try {}</h2>\n", chosen.try_number)
      .add(log_of(
          view,
          view.home.logs() / server::log_path(asked.dag_id, asked.run_id, asked.task_id, asked.map_index, chosen.try_number),
          asked.query.number("log_page", 0), link + fmt::format("try={}&", chosen.try_number)));
}

Html why_of(const View& view, const DagRun& run, const TaskInstance& ti, const Array& held_by) {
  Html rows;
  for (const auto& [at, transition] : need(view.reader.history(run.no))) {
    if (transition.task_instance != ti.no) continue;
    rows.add(
        "<tr><td data-name=\"At\">{}</td><td data-name=\"Try\">{}</td><td data-name=\"State\">{}</td><td "
        "class=\"text\">{}</td></tr>\n",
        view.moments.of(at), transition.try_number, badge(transition.to), transition.cause);
  }
  for (const Value& dependency : held_by)
    rows.add("<tr><td>now</td><td></td><td></td><td class=\"text\">{}: {}</td></tr>\n", dependency.get_string("name"),
             dependency.get_string("reason"));
  if (rows.empty()) return {};
  return html(
      "<h2>Why</h2><table class=\"list\"><caption class=\"unseen\">Its states so far, and what keeps it from the next "
      "one</caption><thead><tr><th scope=\"col\">At</th><th scope=\"col\">Try</th>"
      "<th scope=\"col\">State</th><th scope=\"col\">Cause</th></tr></thead><tbody>\n{}</tbody></table>\n",
      rows);
}

std::string value_text(const View& view, const store::XComKey& key, const std::string& text) {
  std::string shown;
  if (const auto file = store::file_of_xcom(text)) {
    const auto path = view.home.xcoms() / key.dag_id / key.run_id / *file;
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    constexpr std::uintmax_t most = std::uintmax_t{2} << 20;
    if (error || size > most) return error ? "its file cannot be read" : fmt::format("{} bytes in a file", size);
    const auto bytes = server::read_xcom_file(path);
    if (!bytes) return bytes.error().text();
    shown = to_json(task::decode_msgpack(*bytes), 2);
  } else {
    const auto value = parse_json(text);
    shown = value ? to_json(*value, 2) : text;
  }
  return shortened(shown, longest_value);
}

Html xcoms_of(const View& view, const DagRun& run, const Asked& asked) {
  Html rows;
  for (const store::XComKey& key : need(view.reader.xcom_keys(run.no, asked.task_id, asked.map_index))) {
    if (const auto text = need(view.reader.xcom(key)))
      rows.add("<tr><th scope=\"row\">{}</th><td class=\"text\"><pre>{}</pre></td></tr>\n", key.key,
               value_text(view, key, *text));
  }
  if (rows.empty()) return {};
  return html(
      "<h2>XComs</h2><table class=\"list\"><caption class=\"unseen\">XComs</caption><thead><tr><th scope=\"col\">Key</th><th "
      "scope=\"col\">Value</th></tr></thead><tbody>\n{}</tbody></table>\n",
      rows);
}

Html rendered_of(const View& view, const TaskInstance& ti) {
  const Value fields = api::rendered_fields(view.reader, ti);
  if (fields.as_object().empty()) return {};
  Html out = html(
      "<h2>Rendered fields</h2><table class=\"list\"><caption class=\"unseen\">Rendered fields</caption><thead><tr><th "
      "scope=\"col\">Field</th><th scope=\"col\">Value</th></tr></thead><tbody>\n");
  for (const auto& [name, value] : fields.as_object())
    out.add("<tr><th scope=\"row\">{}</th><td class=\"text\"><pre>{}</pre></td></tr>\n", name,
            shortened(value.is_string() ? value.as_string() : to_json(value, 2), longest_value));
  return out.add("</tbody></table>\n");
}

// Of a mapped task: its instances, a page at a time.
Page make_instances(const View& view, const Asked& asked, const TaskSum& sum) {
  const std::int64_t page =
      std::clamp<std::int64_t>(asked.query.number("page", 1) - 1, 0, (sum.instances - 1) / instances_of_page);
  Html body = task_crumbs(asked);
  body.add("<div class=\"head\"><h1>{} {}</h1>{}</div>\n<p class=\"soft\">{} instances: {}</p>\n", asked.task_id,
           badge(sum.state()), task_actions(view, asked), sum.instances, sum.text());
  body.add(
      "<table class=\"list\"><caption class=\"unseen\">Instances</caption><thead><tr><th scope=\"col\">Instance</th><th "
      "scope=\"col\">State</th><th scope=\"col\">Try</th><th scope=\"col\">Started</th><th "
      "scope=\"col\">Took</th></tr></thead><tbody>\n");
  const auto shown = need(view.lists.task_instances({.conditions = {.dag_id = asked.dag_id, .run_id = asked.run_id},
                                                     .task_id = asked.task_id,
                                                     .order = {{store::TaskInstanceColumn::map_index}},
                                                     .limit = instances_of_page,
                                                     .offset = page * instances_of_page}));
  for (std::size_t i = 0; i < shown.task_instances.size(); ++i) {
    const TaskInstance& ti = shown.task_instances[i];
    const auto& name = shown.rendered_map_indexes[i];
    body.add(
        "<tr><th scope=\"row\"><a href=\"{}\">{}{}</a></th><td data-name=\"State\">{}</td><td data-name=\"Try\">{}</td><td "
        "data-name=\"Started\">{}</td><td data-name=\"Took\">{}</td></tr>\n",
        task_link(asked.dag_id, asked.run_id, asked.task_id, ti.map_index), ti.map_index, name ? " " + *name : "",
        badge(ti.state), ti.try_number, view.moments.of(ti.start_date), lasted(ti.start_date, ti.end_date, view.now));
  }
  body.add("</tbody></table>\n")
      .add(pager(task_link(asked.dag_id, asked.run_id, asked.task_id), asked.query, page, instances_of_page, sum.instances));
  return {.title = asked.task_id + " in " + asked.run_id, .body = std::move(body), .section = "/"};
}

Page make_task(const View& view, const Asked& asked) {
  const DagRun run = need_run(view, asked.dag_id, asked.run_id);
  const auto page = need(view.lists.task_instance(run, asked.task_id, asked.map_index, std::nullopt));
  if (page.task_instances.empty()) {
    const auto sums = asked.map_index < 0 ? sum_tasks(need(view.reader.task_counts(run.no))) : std::vector<TaskSum>();
    const auto sum = std::ranges::find(sums, asked.task_id, &TaskSum::task_id);
    if (sum != sums.end()) return make_instances(view, asked, *sum);
    throw Trouble{404, "The run " + asked.run_id + " has no such instance of " + asked.task_id + "."};
  }
  const TaskInstance& ti = page.task_instances.front();
  auto tries = need(view.lists.ended_tries(ti.no));
  std::erase_if(tries, [&](const TaskInstance& ended) { return ended.try_number >= ti.try_number; });
  if (ti.try_number > 0) tries.push_back(ti);
  Html body = task_crumbs(asked);
  const auto& name = page.rendered_map_indexes.front();
  body.add("<div class=\"head\"><h1>{}{} {}</h1>{}</div>\n", asked.task_id,
           asked.map_index >= 0 ? fmt::format(" [{}{}]", asked.map_index, name ? ": " + *name : "") : "", badge(ti.state),
           task_actions(view, asked));
  const std::string& task_id = asked.task_id;
  if (const auto dag = dag_of(view, run)) {
    if (const auto index = dag->find_task(task_id)) {
      const Task& task = dag->tasks[*index];
      body.add("<p class=\"soft\">{}, trigger rule {}, {} of {} tries at most</p>\n", task.task_type,
               to_string(task.trigger_rule), ti.try_number, ti.max_tries + 1);
    }
  }
  if (!tries.empty()) {
    const auto wanted = static_cast<std::int32_t>(asked.query.number("try", tries.back().try_number));
    const auto chosen = std::ranges::find(tries, wanted, &TaskInstance::try_number);
    body.add(tries_of(view, asked, tries, chosen == tries.end() ? tries.back() : *chosen));
  }
  body.add(why_of(view, run, ti, asked.held_by)).add(xcoms_of(view, run, asked)).add(rendered_of(view, ti));
  return {.title = task_id + " in " + run.run_id, .body = std::move(body), .section = "/"};
}

std::int32_t map_index_in(const Fields& fields) {
  const std::int64_t given = fields.number("map_index", -1);
  return given > INT32_MAX ? -1 : static_cast<std::int32_t>(given);
}

void get_task(const Visited& visit) {
  Asked asked{visit->at("dag_id"), visit->at("run_id"), visit->at("task_id"), map_index_in(visit->query), visit->query, {}};
  const Value question = Object{{"command", "tasks failed-deps"},
                                {"dag_id", asked.dag_id},
                                {"run_id", asked.run_id},
                                {"task_id", asked.task_id},
                                {"map_index", static_cast<std::int64_t>(asked.map_index)}};
  // Where there is no such task instance, or it has ended, nothing holds it.
  const api::Reply reply = [visit, asked](const net::HttpServerResponse& answer) mutable {
    const auto body = parse_json(answer.body);
    if (answer.status == 200 && body && body->get("dependencies") != nullptr)
      asked.held_by = body->at("dependencies").as_array();
    visit->show([asked](const View& view) { return make_task(view, asked); });
  };
  visit->api().command(question, reply, [](const Value& result) { return api::json(result); });
}

std::string task_home(const Visited& visit) {
  return task_link(visit->at("dag_id"), visit->at("run_id"), visit->at("task_id"), map_index_in(visit->form));
}

void post_clear_task(const Visited& visit) {
  const std::int32_t map_index = map_index_in(visit->form);
  Value which = visit->at("task_id");
  if (map_index >= 0) which = Array{std::move(which), Value(map_index)};
  visit->change("POST", api_path({"dags", visit->at("dag_id"), "clearTaskInstances"}),
                Object{{"dag_run_id", visit->at("run_id")},
                       {"task_ids", Array{std::move(which)}},
                       {"dry_run", false},
                       {"only_failed", false},
                       {"include_downstream", visit->form.text("downstream") == "yes"}},
                "cleared", task_home(visit));
}

void post_mark_task(const Visited& visit) {
  const std::int32_t map_index = map_index_in(visit->form);
  std::string path =
      api_path({"dags", visit->at("dag_id"), "dagRuns", visit->at("run_id"), "taskInstances", visit->at("task_id")});
  if (map_index >= 0) path += "/" + std::to_string(map_index);
  visit->change("PATCH", path, Object{{"new_state", visit->form.text("state")}}, "marked", task_home(visit));
}

}  // namespace

std::vector<Route> task_routes() {
  return {{"GET", "/dags/{dag_id}/runs/{run_id}/tasks/{task_id}", get_task},
          {"POST", "/dags/{dag_id}/runs/{run_id}/tasks/{task_id}/clear", post_clear_task},
          {"POST", "/dags/{dag_id}/runs/{run_id}/tasks/{task_id}/mark", post_mark_task}};
}

}  // namespace venturi::pages
