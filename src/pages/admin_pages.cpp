// Connections, variables and pools: listed, added, changed and deleted through the API's endpoints, which hide what is secret.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>

#include "pages/admin_view.h"

namespace venturi::pages {
namespace {

using enum Member::Kind;
constexpr Member connection_members[] = {
    {"connection_id", "Connection id", "", id},
    {"conn_type", "Type", "", one_type},
    {"host", "Host"},
    {"port", "Port", "", number},
    {"schema", "Schema", "the database"},
    {"login", "Login"},
    {"password", "Password", "", secret, false},
    {"extra", "Extra", "A JSON object; what is shown as *** stays as it is", long_text, false},
    {"description", "Description"}};
constexpr Member variable_members[] = {
    {"key", "Key", "", id}, {"value", "Value", "", long_text}, {"description", "Description"}};
constexpr Member pool_members[] = {{"name", "Name", "", id},
                                   {"slots", "Slots", "-1: no limit", number},
                                   {"description", "Description"},
                                   {"include_deferred", "Deferred tasks keep their slots", "", yes_no}};
constexpr Member pool_use[] = {{"running_slots", "Running"},
                               {"queued_slots", "Queued"},
                               {"scheduled_slots", "Scheduled"},
                               {"deferred_slots", "Deferred"},
                               {"open_slots", "Open"}};
constexpr AdminKind kinds[] = {{"connections", "Connections", "connection", connection_members},
                               {"variables", "Variables", "variable", variable_members},
                               {"pools", "Pools", "pool", pool_members, pool_use}};

const AdminKind& kind_of(const Visited& visit) {
  std::string_view path = visit->pattern;  // of the route: nothing that was sent chooses another kind
  if (path.starts_with("/new/")) path.remove_prefix(std::string_view("/new").size());
  return *std::ranges::find_if(kinds, [&](const AdminKind& kind) { return path.substr(1).starts_with(kind.path); });
}

void show_admin_form(const Visited& visit, const AdminKind& kind, const Filling& filling) {
  visit->show([&kind, filling](const View& view) { return make_admin_form(view, kind, filling); });
}

void show_refusal(const Visited& visit, unsigned status, const Value& answer) {
  visit->show([status, text = detail_text(answer)](const View&) -> Page { throw Trouble{status, text}; });
}

void get_admin_list(const Visited& visit) {
  const AdminKind& kind = kind_of(visit);
  const std::int64_t page = std::clamp<std::int64_t>(visit->query.number("page", 1) - 1, 0, 1'000'000);
  visit->call("GET", api_path({kind.path}) + fmt::format("?limit={}&offset={}", admin_rows, page * admin_rows), {},
              [visit, &kind, page](unsigned status, const Value& answer) {
                if (status != 200) return show_refusal(visit, status, answer);
                visit->show([&kind, answer, page, query = visit->query](const View& view) {
                  return make_admin_list(view, kind, answer, page, query);
                });
              });
}

void get_new(const Visited& visit) {
  Filling filling;
  if (kind_of(visit).path == "pools") filling.values.set("slots", "1");
  show_admin_form(visit, kind_of(visit), filling);
}

void get_one(const Visited& visit) {
  const AdminKind& kind = kind_of(visit);
  visit->call("GET", api_path({kind.path, visit->at("id")}), {}, [visit, &kind](unsigned status, const Value& answer) {
    if (status != 200) return show_refusal(visit, status, answer);
    Filling filling{.values = {}, .problems = {}, .id = visit->at("id")};
    for (const Member& member : kind.members) filling.values.set(std::string(member.name), member_text(answer, member));
    show_admin_form(visit, kind, filling);
  });
}

// The body of the API's that the form is, with the members that it sets.
Object admin_body(const AdminKind& kind, Filling& filling, std::string& mask) {
  Object body;
  for (const Member& member : kind.members) {
    const std::string name(member.name), text = filling.values.text(name);
    const auto set = [&](Value value) {
      body.set(name, std::move(value));
      if (member.kind != id) mask += "&update_mask=" + name;
    };
    if (member.kind == yes_no) {
      set(filling.values.has(name));
    } else if (member.kind == number && !text.empty()) {
      std::int64_t value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc() || end != text.data() + text.size())
        filling.problems[name] = "\"" + text + "\" is no whole number";
      set(value);
    } else if (member.kind == number && kind.path == "pools") {
      filling.problems[name] = "A number is needed here";
    } else if (member.kind == secret && text.empty()) {
      if (filling.values.text("remove_" + name) == "yes") mask += "&update_mask=" + name;
    } else if (member.kind == long_text && !filling.id.empty() && text == filling.values.text("shown_" + name)) {
      if (name == "value") body.set(name, text);  // the API requires it, and is told not to take it
    } else if (member.kind == long_text && name == "value" && text != hidden_secret && text.contains(hidden_secret)) {
      filling.problems[name] = "*** hides a secret: write it in its place";
    } else if (text.empty() && member.kind != id && name != "conn_type" && name != "value") {
      mask += "&update_mask=" + name;                // and no member: it is taken away
      if (kind.path == "pools") body.set(name, "");  // which is none to the API
    } else {
      set(text);
    }
  }
  return body;
}

void save(const Visited& visit, const std::string& id_given) {
  const AdminKind& kind = kind_of(visit);
  Filling filling{.values = visit->form, .problems = {}, .id = id_given};
  for (const Member& member : kind.members) {
    for (const std::string& name : {std::string(member.name), "shown_" + std::string(member.name)}) {
      if (filling.values.has(name)) filling.values.set(name, filling.values.lines(name));
    }
  }
  std::string mask;
  Object body = admin_body(kind, filling, mask);
  if (!filling.problems.empty()) return show_admin_form(visit, kind, filling);
  // Airflow's rule for the pool that is always there: its description stays.
  if (id_given == default_pool && kind.path == "pools") body.erase("description");
  const bool is_new = id_given.empty();
  const std::string where =
      is_new ? api_path({kind.path}) : api_path({kind.path, id_given}) + (mask.empty() ? "" : "?" + mask.substr(1));
  if (!is_new && mask.empty()) return visit->redirect(saying(section_of(kind), "saved"));
  visit->call(is_new ? "POST" : "PATCH", where, body, [visit, &kind, filling](unsigned status, const Value& answer) mutable {
    constexpr unsigned first_error = 400;
    if (status < first_error) return visit->redirect(saying(section_of(kind), "saved"));
    filling.problems[""] = detail_text(answer);
    show_admin_form(visit, kind, filling);
  });
}

void post_new(const Visited& visit) {
  save(visit, "");
}
void post_one(const Visited& visit) {
  save(visit, visit->at("id"));
}

void post_delete_one(const Visited& visit) {
  const AdminKind& kind = kind_of(visit);
  visit->change("DELETE", api_path({kind.path, visit->at("id")}), {}, "deleted", section_of(kind));
}

// ---- import errors -------------------------------------------------------------------------------------------------------

void get_errors(const Visited& visit) {
  visit->show([](const View& view) {
    Html body = html("<h1>Import errors</h1>\n");
    const auto errors = need(view.reader.import_errors());
    if (errors.empty()) body.add("<p class=\"empty\">All files of the DAGs folder can be read.</p>");
    for (const store::ImportError& error : errors)
      body.add("<h2>{}</h2><p class=\"soft\">{}, {}</p><pre class=\"code\">{}</pre>\n", error.filename, error.bundle,
               view.moments.of(error.at), error.stacktrace);
    return Page{.title = "Import errors", .body = std::move(body), .section = "/import-errors"};
  });
}

}  // namespace

std::vector<Route> admin_routes() {
  std::vector<Route> routes{{"GET", "/import-errors", get_errors}};
  static const std::map<std::string_view, std::array<std::string, 4>> patterns = [] {
    std::map<std::string_view, std::array<std::string, 4>> all;
    for (const AdminKind& kind : kinds) {
      const std::string path = section_of(kind);
      all.emplace(kind.path, std::array{path, "/new" + path, path + "/{id}", path + "/{id}/delete"});
    }
    return all;
  }();
  for (const auto& [kind, of] : patterns) {
    routes.push_back({"GET", of[0], get_admin_list});
    routes.push_back({"POST", of[0], post_new});
    routes.push_back({"GET", of[1], get_new});
    routes.push_back({"GET", of[2], get_one});
    routes.push_back({"POST", of[2], post_one});
    routes.push_back({"POST", of[3], post_delete_one});
  }
  return routes;
}

}  // namespace venturi::pages
