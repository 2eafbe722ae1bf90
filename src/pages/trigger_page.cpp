// The form that triggers a run: a field for each param, by its JSON schema.
#include <map>

#include "model/params.h"
#include "pages/dag_pages.h"
#include "pages/links.h"
#include "pages/param_fields.h"

namespace venturi::pages {
namespace {

struct Filled {
  Fields form;  // empty: shown for the first time
  bool is_sent = false;
  std::map<std::string, std::string> problems;  // by the name of the field; "": of all
};

Html problem_of(const Filled& filled, const std::string& field) {
  const auto found = filled.problems.find(field);
  return found == filled.problems.end() ? Html()
                                        : html("<p class=\"field-error\" id=\"{}-error\">{}</p>", field, found->second);
}

Html more_fields(const Filled& filled) {
  Html out = html(
      "<label for=\"run_id\">Run id</label><input id=\"run_id\" name=\"run_id\" value=\"{}\" autocomplete=\"off\" "
      "placeholder=\"made from the time\">",
      filled.form.text("run_id"));
  const bool is_wrong = filled.problems.contains("logical_date");
  out.add(
      "<label for=\"logical_date\">Logical date</label><input id=\"logical_date\" name=\"logical_date\" value=\"{}\" "
      "autocomplete=\"off\" placeholder=\"none\" aria-invalid=\"{}\" aria-describedby=\"logical_date-hint logical_date-error\">"
      "<p class=\"hint\" id=\"logical_date-hint\">Such as 2026-01-31T06:00 (UTC) or 2026-01-31T06:00+02:00</p>{}",
      filled.form.text("logical_date"), is_wrong, problem_of(filled, "logical_date"));
  out.add(
      "<label for=\"conf\">More conf</label><textarea id=\"conf\" name=\"conf\" rows=\"3\" aria-invalid=\"{}\" "
      "aria-describedby=\"conf-hint conf-error\">{}</textarea>"
      "<p class=\"hint\" id=\"conf-hint\">A JSON object</p>{}",
      filled.problems.contains("conf"), filled.form.text("conf"), problem_of(filled, "conf"));
  return out.add(
      "<label for=\"note\">Note</label><textarea id=\"note\" name=\"note\" rows=\"2\" maxlength=\"1000\">{}</textarea>",
      filled.form.text("note"));
}

Page make_form(const View& view, const std::string& dag_id, const Filled& filled) {
  const auto dag = need_dag(view, dag_id);
  Html body = dag_head(view, *dag, "/trigger");
  if (is_paused(view, dag_id)) body.add("<p class=\"error\">The DAG is paused: the run will wait until it is unpaused.</p>");
  if (const auto all = filled.problems.find(""); all != filled.problems.end())
    body.add("<p class=\"error\" role=\"alert\">{}</p>", all->second);
  body.add("<form class=\"stack\" method=\"post\" action=\"{}/trigger\">{}", dag_link(dag_id), view.form_fields());
  for (const Param& param : read_params(*dag)) {
    const std::string field = "p-" + param.name;
    const auto problem = filled.problems.find(field);
    body.add(
        param_field(param, filled.is_sent ? &filled.form : nullptr, problem == filled.problems.end() ? "" : problem->second));
  }
  body.add(more_fields(filled)).add("<button class=\"main\">Trigger</button></form>\n");
  return {
      .title = "Trigger " + dag_id, .body = std::move(body), .status = filled.problems.empty() ? 200U : 422U, .section = "/"};
}

// What the form says as a body of the API's; what is wrong with it stands in `filled`.
Object body_of(const Dag& dag, Filled& filled) {
  const Fields& form = filled.form;
  Object conf, body;
  if (const std::string text = form.text("conf"); text.find_first_not_of(" \r\n\t") != std::string::npos) {
    const auto more = parse_json(text);
    if (!more)
      filled.problems["conf"] = "This is no JSON: " + more.error().what;
    else if (!more->is_object())
      filled.problems["conf"] = "This is no JSON object: {\"name\": value}";
    else
      conf = more->as_object();
  }
  for (const Param& param : read_params(dag)) {
    const std::string field = "p-" + param.name;
    const auto value = param_value(param, form);
    if (!value) {
      filled.problems[field] = value.error().what;
    } else if (const auto fits = check_param(dag, param, *value); !fits) {
      filled.problems[field] = fits.error().what;
    } else if (!param.value || !(*param.value == *value) || param.value->type_name() != value->type_name()) {
      conf.set(param.name, *value);
    }
  }
  body.set("logical_date", Value());
  if (const std::string text = form.text("logical_date"); !text.empty()) {
    const auto date = parse_time(text);
    if (date)
      body.set("logical_date", format_time(*date));
    else
      filled.problems["logical_date"] = "This is no date: write it as 2026-01-31T06:00+02:00";
  }
  if (!conf.empty()) body.set("conf", std::move(conf));
  if (const std::string run_id = form.text("run_id"); !run_id.empty()) body.set("dag_run_id", run_id);
  if (const std::string note = form.lines("note"); !note.empty()) body.set("note", note);
  return body;
}

}  // namespace

void get_trigger(const Visited& visit) {
  visit->show(
      [dag_id = visit->at("dag_id")](const View& view) { return make_form(view, dag_id, {.form = {}, .problems = {}}); });
}

void post_trigger(const Visited& visit) {
  const std::string dag_id = visit->at("dag_id");
  Filled filled{.form = visit->form, .is_sent = true, .problems = {}};
  const auto show = [visit, dag_id](const Filled& f) {
    visit->show([dag_id, f](const View& view) { return make_form(view, dag_id, f); });
  };
  const Object body = body_of(*visit->api().dag(dag_id), filled);
  if (!filled.problems.empty()) return show(filled);
  visit->call("POST", api_path({"dags", dag_id, "dagRuns"}), body,
              [visit, dag_id, filled, show](unsigned status, const Value& answer) mutable {
                constexpr unsigned first_error = 400;
                if (status < first_error)
                  return visit->redirect(saying(run_link(dag_id, answer.get_string("dag_run_id")), "triggered"));
                filled.problems[""] = detail_text(answer);
                show(filled);
              });
}

}  // namespace venturi::pages
