// What is around every page: head, menu, what was just done, the zone of its times.
#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "pages/page.h"

namespace venturi::pages {
namespace {

constexpr std::pair<std::string_view, std::string_view> menu[] = {
    {"/", "DAGs"},       {"/connections", "Connections"},     {"/variables", "Variables"},
    {"/pools", "Pools"}, {"/import-errors", "Import errors"}, {"/simulation", "Simulation"},
};

// By a word of the address: whoever makes a link cannot make a page say what they like.
constexpr std::pair<std::string_view, std::string_view> sayings[] = {
    {"paused", "Paused: no new runs are scheduled."},
    {"unpaused", "Unpaused: runs are scheduled again."},
    {"triggered", "A run was triggered."},
    {"cleared", "Cleared: what was chosen runs again."},
    {"marked", "Marked."},
    {"deleted", "Deleted."},
    {"saved", "Saved."},
    {"noted", "The note was saved."},
    {"zone", "Times are shown in the zone that you chose."},
};

constexpr std::string_view zones[] = {"UTC",
                                      "Europe/London",
                                      "Europe/Berlin",
                                      "Europe/Paris",
                                      "Europe/Madrid",
                                      "Europe/Rome",
                                      "Europe/Warsaw",
                                      "Europe/Kyiv",
                                      "Europe/Moscow",
                                      "Asia/Yekaterinburg",
                                      "Asia/Almaty",
                                      "Asia/Dubai",
                                      "Asia/Kolkata",
                                      "Asia/Singapore",
                                      "Asia/Shanghai",
                                      "Asia/Tokyo",
                                      "Australia/Sydney",
                                      "America/New_York",
                                      "America/Chicago",
                                      "America/Denver",
                                      "America/Los_Angeles",
                                      "America/Sao_Paulo"};

const std::string& style_address() {
  static const std::string address = "/static/style.css?v=" + sha256_hex(stylesheet()).substr(0, 12);
  return address;
}

Html head_of(const Page& page) {
  return html(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
      "dark\">\n"
      "<title>{} – Venturi</title>\n<link rel=\"stylesheet\" href=\"{}\">\n<link rel=\"icon\" "
      "href=\"/static/icon.svg\">\n</head>\n",
      page.title, style_address());
}

Html bar(const Page& page, const View& view) {
  Html out;
  out.add("<a class=\"skip\" href=\"#content\">To the content</a>\n<header class=\"bar\"><a class=\"brand\" href=\"/\">");
  out.add(
      Html::trusted("<svg viewBox=\"0 0 24 24\" width=\"22\" height=\"22\" aria-hidden=\"true\"><path d=\"M2 4c6 0 6 6 10 "
                    "6s4-6 10-6v16c-6 0-6-6-10-6s-4 6-10 6z\"/></svg>"));
  out.add("Venturi</a>");
  if (!view.session.user.empty()) {
    out.add("<nav aria-label=\"Main\"><ul>");
    for (const auto& [path, name] : menu) {
      out.add("<li><a href=\"{}\"{}>{}</a></li>", path, Html::trusted(page.section == path ? " aria-current=\"page\"" : ""),
              name);
    }
    out.add(
        "</ul></nav><form class=\"who\" method=\"post\" action=\"/logout\">{}<span>{}</span><button class=\"quiet\">Log "
        "out</button></form>",
        view.form_fields(), view.session.user);
  }
  return out.add("</header>\n");
}

Html foot(const View& view) {
  Html out;
  out.add(
      "<footer><form method=\"post\" action=\"/zone\">{}<label for=\"zone\">Times are in</label> "
      "<input id=\"zone\" name=\"zone\" list=\"zones\" value=\"{}\" autocomplete=\"off\"><datalist id=\"zones\">",
      view.form_fields(), view.moments.zone());
  for (const std::string_view zone : zones) out.add("<option value=\"{}\">", zone);
  return out.add("</datalist><button class=\"quiet\">Change</button></form><span>Venturi {}</span></footer>\n",
                 VENTURI_VERSION);
}

}  // namespace

Html View::form_fields() const {
  return html("<input type=\"hidden\" name=\"form_token\" value=\"{}\"><input type=\"hidden\" name=\"back\" value=\"{}\">",
              session.form_token, target);
}

Html View::button(std::string_view action, std::string_view label, std::string_view kind,
                  const std::vector<std::pair<std::string, std::string>>& fields) const {
  Html out = html("<form class=\"inline\" method=\"post\" action=\"{}\">{}", action, form_fields());
  for (const auto& [name, value] : fields) out.add("<input type=\"hidden\" name=\"{}\" value=\"{}\">", name, value);
  return out.add("<button class=\"{}\">{}</button></form>", kind, label);
}

std::string document(const Page& page, const View& view) {
  Html out;
  out.reserve(page.body.text().size() + 8'192);
  out.add(head_of(page)).add("<body>\n").add(bar(page, view)).add("<main id=\"content\">\n");
  const auto query = Fields::parse(view.target.substr(std::min(view.target.find('?') + 1, view.target.size())));
  const std::string said = query && view.target.contains('?') ? query->text("said") : "";
  const auto* saying = std::ranges::find(sayings, said, [](const auto& entry) { return entry.first; });
  if (saying != std::end(sayings)) out.add("<p class=\"said\" role=\"status\">{}</p>\n", saying->second);
  out.add(page.body).add("</main>\n");
  if (!view.session.user.empty()) out.add(foot(view));
  return out.add("</body>\n</html>\n").take();
}

}  // namespace venturi::pages
