// What `dags simulate -o html` draws, of what is in the home now.
#include <algorithm>
#include <chrono>

#include "pages/page.h"
#include "pages/simulation.h"

namespace venturi::pages {
namespace {

constexpr std::int64_t longest_days = 31;

Html simulation_form(std::int64_t hours, bool unpause_all) {
  Html out = html(
      "<form class=\"filters\" method=\"get\" action=\"/simulation\"><div><label for=\"hours\">From now on, for</label><select "
      "id=\"hours\" name=\"hours\">");
  for (const auto& [value, name] : {std::pair(6, "6 hours"), std::pair(24, "a day"), std::pair(72, "3 days"),
                                    std::pair(168, "a week"), std::pair(24 * 31, "a month")})
    out.add("<option value=\"{}\"{}>{}</option>", value, Html::trusted(value == hours ? " selected" : ""), name);
  out.add(
      "</select></div><div><label class=\"check\"><input type=\"checkbox\" name=\"unpause\" value=\"yes\"{}> paused DAGs "
      "too</label></div>",
      Html::trusted(unpause_all ? " checked" : ""));
  return out.add("<button>Simulate</button></form>\n");
}

void get_simulation(const Visited& visit) {
  const std::int64_t hours = std::clamp<std::int64_t>(visit->query.number("hours", 24), 1, longest_days * 24);
  const bool unpause_all = visit->query.text("unpause") == "yes";
  visit->show_slowly([hours, unpause_all](const View& view) {
    SimulationOrder order{.span = {.from = view.now, .to = view.now + std::chrono::hours(hours)}, .unpause_all = unpause_all};
    order.options.default_duration = std::chrono::minutes(1);
    const auto simulation = simulate(order, view.config, view.store, view.reader);
    Html body = simulation_form(hours, unpause_all);
    if (simulation)
      body.add("<div class=\"sim\">{}</div>\n", Html::trusted(simulation_body(*simulation)));
    else
      body.add("<p class=\"error\" role=\"alert\">{}</p>\n", simulation.error().text());
    body.add(
        "<p class=\"soft\">More can be asked with <code>venturi dags simulate</code>: other durations, failures, pools, "
        "times.</p>");
    return Page{.title = "Simulation", .body = std::move(body), .section = "/simulation"};
  });
}

}  // namespace

std::vector<Route> simulation_routes() {
  return {{"GET", "/simulation", get_simulation}};
}

}  // namespace venturi::pages
