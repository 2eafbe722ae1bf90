// Log-in, log-out, and the zone of the times.
#include "base/crypto.h"
#include "base/percent.h"
#include "base/random.h"
#include "pages/page.h"

namespace venturi::pages {
namespace {

constexpr const char* guarded = "; Path=/; HttpOnly; SameSite=Strict";

// Before there is a session the form's token belongs to a cookie that was given out with it: somebody else's page cannot log a
// browser in as a user of its choice.
std::string token_of(api::Api& api, const std::string& nonce) {
  return api.seal("log in " + nonce);
}

Page login_page(const std::string& token, const std::string& next, const std::string& user, const std::string& problem,
                unsigned status) {
  Html body = html(
      "<section class=\"login\"><h1>Log in</h1>\n<form method=\"post\" action=\"/login\">"
      "<input type=\"hidden\" name=\"form_token\" value=\"{}\"><input type=\"hidden\" name=\"next\" value=\"{}\">",
      token, next);
  if (!problem.empty()) body.add("<p class=\"error\" role=\"alert\">{}</p>", problem);
  body.add(
      "<label for=\"username\">User</label><input id=\"username\" name=\"username\" value=\"{}\" autocomplete=\"username\" "
      "required autofocus>"
      "<label for=\"password\">Password</label><input id=\"password\" name=\"password\" type=\"password\" "
      "autocomplete=\"current-password\" required><button class=\"main\">Log in</button></form>"
      "<p class=\"soft\">The first start printed user and password; it is kept in <code>admin_password</code> of the home.</p>",
      user);
  if (next != "/") body.add("<p class=\"soft\">Logged in already? <a href=\"{}\">Go on to {}</a></p>", next, next);
  return {.title = "Log in", .body = body.add("</section>"), .status = status};
}

// Shows the form with a cookie of its own.
void show_form(const Visited& visit, const std::string& next, const std::string& user, const std::string& problem,
               unsigned status) {
  constexpr std::size_t bytes = 18, letters = 24;
  std::string nonce(net::cookie_of(visit->cookie_header, "venturi_login"));  // of another tab: its form stays good
  if (nonce.size() != letters || !base64url_decode(nonce)) nonce = base64url_encode(random_bytes(bytes), false);
  visit->cookies = {"venturi_login=" + nonce + guarded};
  visit->show([token = token_of(visit->api(), nonce), next, user, problem, status](const View&) {
    return login_page(token, next, user, problem, status);
  });
}

void get_login(const Visited& visit) {
  const std::string next = own_path(visit->query.text("next"));
  if (!visit->session.user.empty()) return visit->redirect(next);
  show_form(visit, next, "", "", 200);
}

void post_login(const Visited& visit) {
  const Fields& form = visit->form;
  const std::string next = own_path(form.text("next")), user = form.text("username");
  const std::string nonce(net::cookie_of(visit->cookie_header, "venturi_login"));
  if (nonce.empty() || !equal_in_constant_time(form.text("form_token"), token_of(visit->api(), nonce)))
    return show_form(visit, next, user, "This form was too old. Enter the password again.", 403);
  const Value credentials = Object{{"username", user}, {"password", form.text("password")}};
  visit->session.token.clear();
  visit->api().call("", "POST", "/auth/token", credentials, [visit, next, user](const net::HttpServerResponse& answer) {
    const auto body = parse_json(answer.body);
    const std::string token = body ? body->get_string("access_token") : "";
    if (token.empty()) return show_form(visit, next, user, "User or password are wrong.", 401);
    constexpr const char* day = "; Max-Age=86400";
    visit->redirect(next, {fmt::format("{}={}{}{}", api::session_cookie, token, guarded, day),
                           std::string("venturi_login=") + guarded + "; Max-Age=0"});
  });
}

void post_logout(const Visited& visit) {
  const auto then = [visit](const net::HttpServerResponse& answer) {
    constexpr unsigned first_error = 400;
    if (answer.status < first_error)
      return visit->redirect("/login", {fmt::format("{}={}; Max-Age=0", api::session_cookie, guarded)});
    const auto body = parse_json(answer.body);
    visit->show([status = answer.status, text = detail_text(body ? *body : Value())](const View&) {
      return Page{.title = "Not logged out for good",
                  .body = html("<h1>Not logged out for good</h1><p class=\"error\" role=\"alert\">{}</p><p>After a restart of "
                               "the server this log-in would count again.</p>",
                               text),
                  .status = status};
    });
  };
  visit->api().revoke({visit->api().holder_of(visit->session.token)}, then, [] { return api::no_content(); });
}

void post_zone(const Visited& visit) {
  const std::string zone = visit->form.text("zone");
  if (const auto known = visit->check_zone(zone); !known) {
    return visit->show([text = known.error().text(), back = visit->back("/")](const View&) {
      return Page{.title = "No such zone",
                  .body = html("<h1>No such zone</h1><p class=\"error\" role=\"alert\">{}</p><p><a href=\"{}\">Back</a></p>",
                               text, back),
                  .status = 400};
    });
  }
  visit->redirect(saying(visit->back("/"), "zone"),
                  {"venturi_zone=" + percent_encoded(zone) + "; Path=/; SameSite=Strict; HttpOnly; Max-Age=31536000"});
}

}  // namespace

std::vector<Route> login_routes() {
  return {{"GET", "/login", get_login, true},
          {"POST", "/login", post_login, true},
          {"POST", "/logout", post_logout},
          {"POST", "/zone", post_zone}};
}

}  // namespace venturi::pages
