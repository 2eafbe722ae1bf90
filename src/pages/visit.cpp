// What handlers ask of a Visit: changes through the API, and where to go afterwards.
#include <utility>

#include "base/json.h"
#include "base/percent.h"
#include "pages/page.h"

namespace venturi::pages {

std::string detail_text(const Value& body) {
  const Value detail = body.get_value("detail");
  if (detail.is_string()) return detail.as_string();
  if (detail.is_object() && detail.get("message") != nullptr) return detail.get_string("message");
  if (!detail.is_array()) return detail.is_null() ? to_json(body) : to_json(detail);
  std::string text;  // pydantic's list
  for (const Value& one : detail.as_array()) {
    std::string where;
    if (const Value* loc = one.get("loc"); loc != nullptr && loc->is_array()) {
      for (const Value& part : loc->as_array()) {
        if (part.is_string() && part.as_string() != "body") where += (where.empty() ? "" : ".") + part.as_string();
      }
    }
    text += (text.empty() ? "" : "; ") + (where.empty() ? "" : where + ": ") + one.get_string("msg");
  }
  return text;
}

std::string saying(const std::string& where, std::string_view said) {
  const std::size_t mark = where.find('?');
  auto query = Fields::parse(mark == std::string::npos ? std::string_view() : std::string_view(where).substr(mark + 1));
  const std::string kept = query ? query->query({"said"}) : std::string();
  return where.substr(0, mark) + "?" + kept + (kept.empty() ? "" : "&") + "said=" + percent_encoded(said);
}

std::string api_path(std::initializer_list<std::string_view> segments) {
  std::string path = "/api/v2";
  for (const std::string_view segment : segments) path += "/" + percent_encoded(segment);
  return path;
}

void Visit::call(std::string method, std::string where, const Value& body, Answered then) {
  api().call(session.token, std::move(method), std::move(where), body,
             [then = std::move(then)](const net::HttpServerResponse& answer) {
               const auto value = parse_json(answer.body);
               then(answer.status, value ? *value : Value());
             });
}

std::string Visit::back(const std::string& otherwise) const {
  return form.has("back") ? own_path(form.text("back")) : otherwise;
}

void Visit::change(std::string method, std::string where, const Value& body, const std::string& said,
                   const std::string& otherwise) {
  const auto self = shared_from_this();
  call(std::move(method), std::move(where), body, [self, said, otherwise](unsigned status, const Value& answer) {
    constexpr unsigned first_error = 400;
    if (status < first_error) return self->redirect(saying(self->back(otherwise), said));
    self->show([status, text = detail_text(answer), to = self->back(otherwise)](const View&) {
      return Page{.title = "That did not work",
                  .body = html("<h1>That did not work</h1><p class=\"error\" role=\"alert\">{}</p>"
                               "<p><a href=\"{}\">Back</a></p>",
                               text, to),
                  .status = status};
    });
  });
}

}  // namespace venturi::pages
