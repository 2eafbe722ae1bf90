// The list of DAGs: search, tags, paused or not, a page at a time.
#include <algorithm>
#include <map>
#include <set>

#include "base/percent.h"
#include "pages/dag_pages.h"
#include "pages/links.h"
#include "pages/states.h"

namespace venturi::pages {
namespace {

constexpr std::int64_t rows_of_page = 25;
constexpr int runs_of_strip = 14;

struct Asked {
  std::string search, tag, paused;
  std::int64_t page;
};

bool fits(const DagCard& card, const DagState* state, const Asked& asked) {
  if (!asked.search.empty() && !api::fits_pattern(card.dag_id, asked.search) && !api::fits_pattern(card.title, asked.search))
    return false;
  if (!asked.tag.empty() && std::ranges::find(card.tags, asked.tag) == card.tags.end()) return false;
  return asked.paused.empty() || (asked.paused == "yes") == (state != nullptr && state->is_paused);
}

Html filters(const Asked& asked, const std::set<std::string>& tags) {
  Html out = html(
      "<form class=\"filters\" method=\"get\" action=\"/\" role=\"search\">"
      "<div><label for=\"search\">Search</label><input id=\"search\" type=\"search\" name=\"search\" value=\"{}\" "
      "placeholder=\"orders, %daily|weekly\"></div>"
      "<div><label for=\"tag\">Tag</label><select id=\"tag\" name=\"tag\"><option value=\"\">any</option>",
      asked.search);
  for (const std::string& tag : tags)
    out.add("<option value=\"{}\"{}>{}</option>", tag, Html::trusted(tag == asked.tag ? " selected" : ""), tag);
  out.add("</select></div><div><label for=\"paused\">State</label><select id=\"paused\" name=\"paused\">");
  for (const auto& [value, name] : {std::pair("", "any"), std::pair("no", "active"), std::pair("yes", "paused")})
    out.add("<option value=\"{}\"{}>{}</option>", value, Html::trusted(asked.paused == value ? " selected" : ""), name);
  return out.add("</select></div><button>Show</button></form>\n");
}

Html strip(const View& view, const std::string& dag_id) {
  auto runs = need(view.reader.runs({.dag_id = dag_id, .limit = runs_of_strip}));
  if (runs.empty()) return html("<span class=\"soft\">no runs</span>");
  std::ranges::reverse(runs);
  Html out = html("<span class=\"strip\">");
  for (const DagRun& run : runs) out.add(cell(to_string(run.state), run_link(run.dag_id, run.run_id), run_title(view, run)));
  return out.add("</span>");
}

Html row(const View& view, const DagCard& card, const DagState* state) {
  const bool is_paused = state != nullptr && state->is_paused;
  Html out = html("<tr class=\"{}\"><th scope=\"row\"><a href=\"{}\">{}</a>", is_paused ? "paused" : "", dag_link(card.dag_id),
                  card.title);
  for (const std::string& tag : card.tags) out.add(" <a class=\"tag\" href=\"/?tag={}\">{}</a>", percent_encoded(tag), tag);
  if (!card.description.empty()) out.add("<div class=\"soft\">{}</div>", card.description);
  out.add("</th><td data-name=\"Schedule\">{}</td>",
          card.schedule.empty() ? html("<span class=\"soft\">none</span>")
                                : html("<code title=\"{}\">{}</code>", card.schedule_text, card.schedule));
  out.add("<td data-name=\"Next run\">{}</td>", is_paused
                                                    ? html("<span class=\"badge s-paused\">paused</span>")
                                                    : view.moments.of(state == nullptr ? std::nullopt : state->next_run_after));
  out.add("<td data-name=\"Last runs\">{}</td><td class=\"actions\">", strip(view, card.dag_id));
  if (view.session.may(api::Role::user)) {
    out.add(view.button(dag_link(card.dag_id) + (is_paused ? "/unpause" : "/pause"), is_paused ? "Unpause" : "Pause"));
    out.add("<a class=\"button main\" href=\"{}/trigger\">Trigger</a>", dag_link(card.dag_id));
  }
  return out.add("</td></tr>\n");
}

Page make_list(const View& view, const Asked& asked, const Fields& query) {
  std::map<std::string, DagState> states;
  for (DagState& state : need(view.reader.dag_states())) states.emplace(state.dag_id, std::move(state));
  const auto state_of = [&](const std::string& dag_id) {
    const auto found = states.find(dag_id);
    return found == states.end() ? nullptr : &found->second;
  };
  auto cards = need(view.cards.current(view.reader));
  const std::size_t all = cards.size();
  std::set<std::string> tags;
  for (const auto& card : cards) tags.insert(card->tags.begin(), card->tags.end());
  std::erase_if(cards, [&](const auto& card) { return !fits(*card, state_of(card->dag_id), asked); });
  const auto errors = need(view.reader.import_errors());

  Html body = html("<div class=\"head\"><h1>DAGs</h1><p class=\"soft\">{}</p></div>\n",
                   cards.size() == all ? fmt::format("{} in all", all) : fmt::format("{} of {}", cards.size(), all));
  if (!errors.empty())
    body.add("<p class=\"error\"><a href=\"/import-errors\">{} {} not be read</a></p>", errors.size(),
             errors.size() == 1 ? "file can" : "files can");
  body.add(filters(asked, tags));
  const auto total = static_cast<std::int64_t>(cards.size());
  if (total == 0) {
    body.add("<p class=\"empty\">{}</p>",
             all == 0 ? "No DAGs yet. Put a file into the DAGs folder of the home." : "No DAG fits.");
    return {.title = "DAGs", .body = std::move(body), .section = "/"};
  }
  body.add(
      "<table class=\"list wide\"><caption class=\"unseen\">DAGs</caption><thead><tr><th scope=\"col\">DAG</th><th "
      "scope=\"col\">Schedule</th>"
      "<th scope=\"col\">Next run</th><th scope=\"col\">Last runs</th><th scope=\"col\"><span "
      "class=\"unseen\">Actions</span></th></tr></thead><tbody>\n");
  const std::int64_t first = std::min(asked.page * rows_of_page, (total - 1) / rows_of_page * rows_of_page);
  for (std::int64_t i = first; i < std::min(first + rows_of_page, total); ++i) {
    const DagCard& card = *cards[static_cast<std::size_t>(i)];
    body.add(row(view, card, state_of(card.dag_id)));
  }
  body.add("</tbody></table>\n").add(pager("/", query, first / rows_of_page, rows_of_page, total));
  return {.title = "DAGs", .body = std::move(body), .section = "/"};
}

}  // namespace

void get_dag_list(const Visited& visit) {
  Asked asked{visit->query.text("search"), visit->query.text("tag"), visit->query.text("paused"),
              visit->query.number("page", 1) - 1};
  asked.page = std::max<std::int64_t>(asked.page, 0);
  visit->show([asked, query = visit->query](const View& view) { return make_list(view, asked, query); });
}

std::string run_title(const View& view, const DagRun& run) {
  std::string title = run.run_id + ": " + std::string(to_string(run.state));
  if (run.start_date)
    title += ", " + view.moments.text(*run.start_date) + ", " + lasted(run.start_date, run.end_date, view.now);
  return title;
}

Html pager(const std::string& path, const Fields& query, std::int64_t page, std::int64_t rows, std::int64_t total) {
  const std::int64_t pages = (total + rows - 1) / rows;
  if (pages <= 1) return {};
  std::string kept = query.query({"page", "said"});
  if (!kept.empty()) kept += "&";
  const auto link = [&](std::int64_t to, const char* name, const char* rel) {
    if (to < 0 || to >= pages) return html("<span class=\"soft\">{}</span>", name);
    return html("<a rel=\"{}\" href=\"{}?{}page={}\">{}</a>", rel, path, kept, to + 1, name);
  };
  return html("<nav class=\"pager\" aria-label=\"Pages\">{}<span>Page {} of {}</span>{}</nav>\n",
              link(page - 1, "Previous", "prev"), page + 1, pages, link(page + 1, "Next", "next"));
}

}  // namespace venturi::pages
