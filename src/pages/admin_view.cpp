#include "pages/admin_view.h"

#include <fmt/format.h>

#include "base/percent.h"
#include "base/utf8.h"
#include "catalog/catalog.h"
#include "pages/dag_pages.h"

namespace venturi::pages {
namespace {

using enum Member::Kind;

Html conn_type_list() {
  Html out = html("<datalist id=\"conn_types\">");
  for (const catalog::ConnectionTypeInfo& type : catalog::connection_types())
    out.add("<option value=\"{}\">{}</option>", type.conn_type, type.label);
  return out.add("</datalist>");
}

// What the types that operators know take; of a connection that has one, that one alone.
Html connection_help(std::string_view conn_type) {
  const catalog::ConnectionTypeInfo* chosen = catalog::find_connection_type(conn_type);
  Html out = html("<details><summary>{}</summary>\n", chosen != nullptr
                                                          ? fmt::format("What a connection of type {} takes", chosen->conn_type)
                                                          : "What connections take, by type");
  for (const catalog::ConnectionTypeInfo& type : catalog::connection_types()) {
    if (chosen != nullptr && &type != chosen) continue;
    out.add("<h2>{}</h2><p class=\"hint\">type {}, {} where a task names none</p><dl>", type.label, type.conn_type,
            type.default_conn_id);
    for (const catalog::FieldInfo& field : type.fields) {
      out.add("<dt>{}{}</dt><dd>{}</dd>", field.name, is_column(field) ? "" : " (extra)",
              field.help.empty() ? field.label : field.help);
    }
    out.add("</dl>\n");
  }
  return out.add("</details>\n");
}

Html admin_field(const Member& member, const Filling& filling) {
  const std::string value = filling.values.text(member.name);
  const auto found = filling.problems.find(member.name);
  const Html marks = html(" id=\"{0}\" name=\"{0}\" aria-invalid=\"{1}\" aria-describedby=\"{0}-hint {0}-error\"", member.name,
                          found != filling.problems.end());
  Html out;
  if (member.kind == yes_no) {
    out.add("<label class=\"check\"><input type=\"checkbox\" value=\"yes\"{}{}> {}</label>", marks,
            Html::trusted(value == "yes" ? " checked" : ""), member.label);
    return out;
  }
  out.add("<label for=\"{}\">{}</label>", member.name, member.label);
  std::string hint(member.hint);
  if (member.kind == long_text) {
    out.add("<textarea rows=\"5\"{}>{}</textarea>", marks, value);
  } else if (member.kind == secret) {
    out.add("<input type=\"password\" autocomplete=\"new-password\"{}>", marks);
    const bool has_one = value == hidden_secret;
    if (!filling.id.empty()) {
      hint = has_one ? "There is one; it is not shown, and stays while this is empty." : "There is none.";
      if (has_one)
        out.add("<label class=\"check\"><input type=\"checkbox\" name=\"remove_{}\" value=\"yes\"> Take it away</label>",
                member.name);
    }
  } else {
    const bool is_fixed = member.kind == id && !filling.id.empty();
    out.add("<input value=\"{}\" autocomplete=\"off\"{}{}>", value, marks,
            Html::trusted(is_fixed                  ? " readonly"
                          : member.kind == id       ? " required"
                          : member.kind == one_type ? " list=\"conn_types\""
                                                    : ""));
    if (member.kind == one_type) out.add(conn_type_list());
  }
  if (!hint.empty()) out.add("<p class=\"hint\" id=\"{}-hint\">{}</p>", member.name, hint);
  if (found != filling.problems.end()) out.add("<p class=\"field-error\" id=\"{}-error\">{}</p>", member.name, found->second);
  return out;
}

}  // namespace

std::string section_of(const AdminKind& kind) {
  return "/" + std::string(kind.path);
}
std::string id_link(const AdminKind& kind, std::string_view id) {
  return section_of(kind) + "/" + percent_encoded(id);
}

std::string member_text(const Value& row, const Member& member) {
  const Value value = row.get_value(member.name);
  if (value.is_null()) return "";
  if (value.is_bool()) return value.as_bool() ? "yes" : "no";
  return value.is_string() ? value.as_string() : to_json(value);
}

Page make_admin_form(const View& view, const AdminKind& kind, const Filling& filling) {
  const bool is_new = filling.id.empty();
  const std::string title = is_new ? fmt::format("New {}", kind.one) : filling.id;
  Html body = html("<nav class=\"crumbs\" aria-label=\"Where this is\"><a href=\"{}\">{}</a></nav>\n<h1>{}</h1>\n",
                   section_of(kind), kind.title, title);
  if (const auto all = filling.problems.find(""); all != filling.problems.end())
    body.add("<p class=\"error\" role=\"alert\">{}</p>", all->second);
  body.add("<form class=\"stack\" method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"form_token\" value=\"{}\">",
           is_new ? section_of(kind) : id_link(kind, filling.id), view.session.form_token);
  for (const Member& member : kind.members) {
    body.add(admin_field(member, filling));
    if (member.kind == long_text)
      body.add("<input type=\"hidden\" name=\"shown_{}\" value=\"{}\">", member.name,
               filling.values.text(filling.values.has("shown_" + std::string(member.name)) ? "shown_" + std::string(member.name)
                                                                                           : std::string(member.name)));
  }
  body.add("<button class=\"main\">Save</button></form>\n");
  if (kind.path == "connections") body.add(connection_help(filling.values.text("conn_type")));
  if (!is_new) {
    body.add(
        "<details class=\"sure\"><summary class=\"button\">Delete …</summary><div><form method=\"post\" "
        "action=\"{}/delete\"><input type=\"hidden\" name=\"form_token\" value=\"{}\">"
        "<button class=\"danger\">Delete this {}</button></form></div></details>\n",
        id_link(kind, filling.id), view.session.form_token, kind.one);
  }
  return {
      .title = title, .body = std::move(body), .status = filling.problems.empty() ? 200U : 422U, .section = section_of(kind)};
}

Page make_admin_list(const View& view, const AdminKind& kind, const Value& answer, std::int64_t page, const Fields& query) {
  Html body = html("<div class=\"head\"><h1>{}</h1>", kind.title);
  const bool may_change = view.session.may(api::Role::op);
  if (may_change)
    body.add("<div class=\"actions\"><a class=\"button main\" href=\"/new/{}\">New {}</a></div>", kind.path, kind.one);
  body.add("</div>\n");
  const Array rows = answer.get_value(kind.path).is_array() ? answer.at(kind.path).as_array() : Array{};
  if (rows.empty()) {
    body.add("<p class=\"empty\">There are no {} yet.</p>\n", kind.path);
    return {.title = std::string(kind.title), .body = std::move(body), .section = section_of(kind)};
  }
  body.add("<table class=\"list\"><caption class=\"unseen\">{}</caption><thead><tr>", kind.title);
  const auto for_each_shown = [&](const auto& visit) {
    for (const Member& member : kind.members) {
      if (member.is_listed) visit(member);
    }
    for (const Member& member : kind.shown) visit(member);
  };
  for_each_shown([&](const Member& member) { body.add("<th scope=\"col\">{}</th>", member.label); });
  body.add("</tr></thead><tbody>\n");
  constexpr std::size_t longest = 120;
  for (const Value& row : rows) {
    body.add("<tr>");
    for_each_shown([&](const Member& member) {
      const std::string text = shortened(member_text(row, member), longest);
      if (member.kind != id) {
        body.add("<td class=\"text\" data-name=\"{}\">{}</td>", member.label, text);
      } else if (may_change) {
        body.add("<th scope=\"row\"><a href=\"{}\">{}</a></th>", id_link(kind, member_text(row, member)), text);
      } else {
        body.add("<th scope=\"row\">{}</th>", text);
      }
    });
    body.add("</tr>\n");
  }
  body.add("</tbody></table>\n").add(pager(section_of(kind), query, page, admin_rows, answer.get_int("total_entries")));
  return {.title = std::string(kind.title), .body = std::move(body), .section = section_of(kind)};
}

}  // namespace venturi::pages
