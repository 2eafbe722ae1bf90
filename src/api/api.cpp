#include "api/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/bodies.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "home/small_file.h"
#include "model/connection.h"
#include "net/web_fields.h"

namespace venturi::api {
namespace {

constexpr int api_niceness = 5;

net::HttpServerResponse response_of(const Refusal& refusal) {
  return json(Object{{"detail", refusal.detail}}, refusal.status);
}

// The one of the header goes before the cookie.
std::string_view token_text(const net::HttpServerRequest& request) {
  constexpr std::string_view bearer = "bearer ";
  const std::string_view given = request.authorization;
  const auto fits = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; };
  if (std::ranges::equal(given.substr(0, bearer.size()), bearer, fits)) return given.substr(bearer.size());
  return net::cookie_of(request.cookie, token_cookie);
}

}  // namespace

void answer(const Reply& reply, const std::function<net::HttpServerResponse()>& make) {
  try {
    reply(make());
  } catch (const Refusal& refusal) {
    reply(response_of(refusal));
  } catch (const std::exception& e) {
    log_error(std::string("the API cannot answer: ") + e.what());
    reply(json(Object{{"detail", "Internal Server Error"}}, 500));
  }
}

Reply only_answers(const Reply& reply) {
  return [reply](net::HttpServerResponse response) {
    if (response.status != 0) reply(std::move(response));
  };
}

void attempt(const Reply& reply, const std::function<void()>& act) {
  answer(only_answers(reply), [&]() -> net::HttpServerResponse {
    act();
    return {.status = 0};
  });
}

Refusal refusal_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid:
      return {400, error.text()};
    case ErrorKind::not_found:
      return {404, error.text()};
    case ErrorKind::conflict:
      return {409, error.text()};
    case ErrorKind::denied:
      return {403, error.text()};
    case ErrorKind::unavailable:
    case ErrorKind::exhausted:
      return {503, error.text()};
    case ErrorKind::corrupt:
    case ErrorKind::internal:
      break;
  }
  return {500, error.text()};
}

Api::Api(EventLoop& loop, server::Server& server, Home home, Config config, server::HomeReader reader,
         std::unique_ptr<store::Lists> lists, std::unique_ptr<net::HttpServer> http)
    : loop_(loop),
      server_(server),
      home_(std::move(home)),
      config_(std::move(config)),
      reader_(std::move(reader)),
      signing_key_(server.secrets().signing_key),
      lists_(std::move(lists)),
      http_(std::move(http)),
      slow_reads_(std::make_unique<SlowReads>([this] { return server::open_lists(config_); })) {}

Api::~Api() {
  *alive_ = false;
  // Until its thread has ended the API serves, and uses both.
  slow_reads_->stop();
  http_->stop();
}

Result<std::unique_ptr<net::HttpServer>> Api::listen(const Config& config) {
  // Tasks go before readers: on a full processor the server's loop has three times the API's share.
  return net::HttpServer::listen({.host = config.text("api.host"),
                                  .port = static_cast<std::uint16_t>(config.integer("api.port")),
                                  .niceness = api_niceness});
}

Result<std::unique_ptr<Api>> Api::open(EventLoop& loop, server::Server& server, const Home& home, const Config& config,
                                       std::unique_ptr<net::HttpServer> http) {
  auto reader = server::open_reader(home, config);
  if (!reader) return std::unexpected(std::move(reader.error()));
  auto lists = server::open_lists(config);
  if (!lists) return std::unexpected(std::move(lists.error()));
  std::unique_ptr<Api> api(new Api(loop, server, home, config, std::move(*reader), std::move(*lists), std::move(http)));
  auto revoked = api->reader().revoked_tokens();
  if (!revoked) return std::unexpected(std::move(revoked.error()));
  for (store::RevokedToken& token : *revoked) api->revoked_.emplace(std::move(token.id), token.until);
  if (auto written = write_private_file(home.root / "run" / "api_url", api->url() + "\n"); !written)
    return std::unexpected(std::move(written.error()));
  api->http_->start(
      [raw = api.get()](const net::HttpServerRequest& request, const Reply& reply) { raw->serve(request, reply); });
  return api;
}

std::string Api::url() const {
  const std::string host = config_.text("api.host");
  return fmt::format("http://{}:{}", host.find(':') == std::string::npos ? host : "[" + host + "]", http_->port());
}

// ---- who calls -----------------------------------------------------------------------------------------------------------

std::string Api::token_for(const std::string& user, Role role, std::chrono::seconds lasts) {
  const Time now = clock_.now();
  return sign({user, std::string(user_roles.at(static_cast<std::size_t>(role))), base64url_encode(random_bytes(16), false), now,
               now + lasts},
              signing_key_);
}

// None where the file cannot be read: who it was meant for is refused.
std::vector<User> Api::users() const {
  auto users = read_users(home_);
  if (users) return *std::move(users);
  log_error("only admin may log in: " + users.error().text());
  return {};
}

void Api::log_in(const std::string& user, const std::string& password, const Reply& reply,
                 std::function<net::HttpServerResponse(Role)> then) {
  const Refusal wrong{401, "Invalid credentials"};
  if (user == home_admin) {
    // `users reset-password` writes another one beside a running server.
    const auto written = read_admin_password(home_, config_);
    if (!written) log_error("the admin's password cannot be read: " + written.error().text());
    if (!written || !equal_in_constant_time(sha256_hex(password), sha256_hex(*written))) throw wrong;
    return answer(reply, [&] { return then(Role::admin); });
  }
  const auto all = users();
  const auto found = std::ranges::find(all, user, &User::name);
  const bool is_known = found != all.end();
  const Role role = is_known ? parse_role(found->role).value_or(Role::viewer) : Role::viewer;
  const bool added = slow_reads_->add([this, hash = is_known ? found->password_hash : "", password, role, wrong, reply,
                                       then = std::move(then)](const Result<store::Lists*>& /*lists*/) {
    // It takes as long where there is no such user: that says nothing of which names there are.
    const bool is_right = hash.empty() ? hash_of_password(password).empty() : is_password_of(hash, password);
    http_->post([is_right, role, wrong, reply, then] {
      answer(reply, [&] {
        if (!is_right) throw wrong;
        return then(role);
      });
    });
  });
  if (!added) throw Refusal{503, "Too many want to log in at once: try again"};
}

std::vector<WebToken> Api::tokens_of(const net::HttpServerRequest& request) const {
  std::vector<WebToken> tokens;
  for (const std::string_view text :
       {token_text(request), net::cookie_of(request.cookie, token_cookie), net::cookie_of(request.cookie, session_cookie)}) {
    if (auto token = verify(text, signing_key_, clock_.now())) tokens.push_back(std::move(*token));
  }
  return tokens;
}

void Api::revoke(const std::vector<WebToken>& tokens, const Reply& reply, std::function<net::HttpServerResponse()> then) {
  std::erase_if(revoked_, [now = clock_.now()](const auto& entry) { return entry.second < now; });
  Array given_up;
  for (const WebToken& token : tokens) {
    const Time until = token.expires_at + std::chrono::minutes(1);  // past the leeway
    if (revoked_.emplace(token.id, until).second) given_up.push_back(Object{{"id", token.id}, {"until", format_time(until)}});
  }
  if (given_up.empty()) return answer(reply, then);
  command(Object{{"command", "tokens revoke"}, {"tokens", std::move(given_up)}}, reply,
          [then = std::move(then)](const Value&) { return then(); });
}

std::string Api::sealed(std::string_view content) const {
  const std::string text = base64url_encode(content, false);
  return text + "." + base64url_encode(hmac_sha512(signing_key_, "sealed." + text).substr(0, 16), false);
}

std::optional<std::string> Api::unsealed(std::string_view text) const {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  auto content = base64url_decode(text.substr(0, dot));
  if (!content || !equal_in_constant_time(sealed(*content), text)) return std::nullopt;
  return content;
}

WebToken Api::who_calls(const net::HttpServerRequest& request) const {
  const std::string_view text = token_text(request);
  if (text.empty()) throw Refusal{401, "Not authenticated"};
  return holder_of(text);
}

WebToken Api::holder_of(std::string_view text) const {
  auto token = verify(text, signing_key_, clock_.now());
  if (!token || revoked_.contains(token->id)) throw Refusal{403, "Invalid JWT token"};
  // What the token says of the role is as old as the token.
  if (token->user != home_admin) {
    const auto all = users();
    const auto found = std::ranges::find(all, token->user, &User::name);
    if (found == all.end()) throw Refusal{403, "Invalid JWT token"};
    token->role = found->role;
  }
  if (!parse_role(token->role)) throw Refusal{403, "Invalid JWT token"};
  return std::move(*token);
}

std::string Api::seal(std::string_view text) const {
  return base64url_encode(hmac_sha256(signing_key_, "page form: " + std::string(text)), false);
}

// ---- requests ------------------------------------------------------------------------------------------------------------

void Api::serve(const net::HttpServerRequest& request, const Reply& reply) {
  try {
    const std::size_t mark = request.target.find('?');
    const std::string path = request.target.substr(0, mark);
    const std::string method = request.method == "HEAD" ? "GET" : request.method;
    Match match = find_endpoint(method, path);
    if (match.endpoint == nullptr) {
      if (!match.path_is_known && others_ && !path.starts_with("/api/")) return others_(request, reply);
      if (match.path_is_known) throw Refusal{405, "Method Not Allowed"};
      if (path.starts_with("/api/")) return reply(json(Object{{"error", "API route not found"}}, 404));
      throw Refusal{404, "Not Found"};
    }
    Call call{.api = this,
              .endpoint = match.endpoint,
              .path = std::move(match.path),
              .query = {},
              .body = {},
              .user = {},
              .accept = request.accept,
              .request = &request};
    const bool is_public = path == "/metrics" && config_.boolean("api.metrics_are_public");
    if (match.endpoint->permission.needs_token() && !is_public) {
      const WebToken token = who_calls(request);
      if (!match.endpoint->permission.allows(*parse_role(token.role))) throw Refusal{403, "Forbidden"};
      call.user = token.user;
    }
    if (mark != std::string::npos) {
      auto query = net::parse_web_fields(std::string_view(request.target).substr(mark + 1));
      if (!query) throw Refusal{400, "The query is not percent-encoded UTF-8"};
      call.query = std::move(*query);
    }
    check_query(*match.endpoint, call);
    call.body = check_body(*match.endpoint, request.body);
    if (match.endpoint->line.empty())
      match.endpoint->handler(call, reply);
    else
      handle_in_line(std::move(call), reply);
  } catch (const Refusal& refusal) {
    reply(response_of(refusal));
  }
}

void Api::handle_in_line(Call call, const Reply& reply) {
  call.request = nullptr;  // gone when its turn comes
  const std::string_view line = call.endpoint->line;
  auto& waiting = lines_[line];
  waiting.emplace_back(std::move(call), reply);
  if (waiting.size() == 1) handle_first(line);
}

void Api::handle_first(std::string_view line) {
  const auto [call, reply] = lines_[line].front();
  const Reply then_next = [this, line, reply](net::HttpServerResponse response) {
    reply(std::move(response));
    http_->post([this, line] {
      auto& waiting = lines_[line];
      waiting.pop_front();
      if (!waiting.empty()) handle_first(line);
    });
  };
  try {
    call.endpoint->handler(call, then_next);
  } catch (const Refusal& refusal) {
    then_next(response_of(refusal));
  } catch (const std::exception& e) {  // the next one comes from a call of its own, where nobody else catches it
    log_error(std::string("the API cannot answer: ") + e.what());
    then_next(json(Object{{"detail", "Internal Server Error"}}, 500));
  }
}

void Api::serve_also(net::HttpServer::Handler others) {
  http_->post([this, others = std::move(others)]() mutable { others_ = std::move(others); });
}

void Api::call(const std::string& token, std::string method, std::string target, const Value& body, const Reply& reply) {
  net::HttpServerRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  if (!token.empty()) request.authorization = "Bearer " + token;
  if (!body.is_null()) request.body = to_json(body);
  try {
    serve(request, reply);
  } catch (const std::exception& e) {
    log_error(std::string("a request of a page failed: ") + e.what());
    reply(json(Object{{"detail", "Internal Server Error"}}, 500));
  }
}

void Api::command(Value command, const Reply& reply, std::function<net::HttpServerResponse(const Value&)> then) {
  this->command(std::move(command), reply, std::move(then),
                [](const Error& error) -> net::HttpServerResponse { throw refusal_of(error); });
}

void Api::command(Value command, const Reply& reply, std::function<net::HttpServerResponse(const Value&)> then,
                  std::function<net::HttpServerResponse(const Error&)> otherwise) {
  loop_.post(
      [this, alive = alive_, command = std::move(command), reply, then = std::move(then), otherwise = std::move(otherwise)] {
        if (!*alive) return;
        server_.command(command, [this, alive, reply, then, otherwise](Result<Value> result) {
          if (!*alive) return;
          http_->post([reply, then, otherwise, result = std::move(result)] {
            answer(reply, [&] { return result ? then(*result) : otherwise(result.error()); });
          });
        });
      });
}

// ---- event logs ----------------------------------------------------------------------------------------------------------

namespace {

// Values that may be secrets whatever they are called.
Value without_secrets(const Value& value) {
  if (value.is_array()) {
    Array list;
    for (const Value& item : value.as_array()) list.push_back(without_secrets(item));
    return list;
  }
  if (!value.is_object()) return value;
  Object shown;
  for (const auto& [name, member] : value.as_object()) {
    const bool is_hidden = name == "value" || name == "password" || name == "extra";
    shown.add(name, is_hidden && !member.is_null() ? Value("***") : without_secrets(member));
  }
  return shown;
}

Value audit_of(const Call& call) {
  constexpr std::size_t longest = 4096;
  Object extra;
  for (const auto& [name, value] : call.path) extra.set(name, value);
  for (const auto& [name, value] : call.query) extra.set(name, value);
  Object with_body = extra;
  if (call.body.is_object()) {
    const Value shown = redact_sensitive(without_secrets(call.body));
    for (const auto& [name, value] : shown.as_object()) with_body.set(name, value);
  }
  std::string text = to_json(Value(std::move(with_body)));
  if (text.size() > longest) text = to_json(Value(std::move(extra)));
  return Object{{"event", std::string(call.endpoint->operation_id)}, {"owner", call.user}, {"extra", std::move(text)}};
}

}  // namespace

void Call::run(Value command, const Reply& reply, std::function<net::HttpServerResponse(const Value&)> then) const {
  run(std::move(command), reply, std::move(then),
      [](const Error& error) -> net::HttpServerResponse { throw refusal_of(error); });
}

void Call::run(Value command, const Reply& reply, std::function<net::HttpServerResponse(const Value&)> then,
               std::function<net::HttpServerResponse(const Error&)> otherwise) const {
  command.as_object().set("audit", audit_of(*this));
  api->command(std::move(command), reply, std::move(then), std::move(otherwise));
}

// ---- lists ---------------------------------------------------------------------------------------------------------------

template <class Page, class List>
void Api::read_page(List list, const Reply& reply, std::function<net::HttpServerResponse(const Page&)> then,
                    Result<Page> (store::Lists::*read)(const List&)) {
  constexpr std::int64_t most_rows = 20'000;  // some 20 ms
  if (must(lists_->rows_to_visit(list)) <= most_rows) return answer(reply, [&] { return then(must(((*lists_).*read)(list))); });
  const bool added =
      slow_reads_->add([this, list = std::move(list), reply, then = std::move(then), read](Result<store::Lists*> lists) {
        auto page = lists ? ((**lists).*read)(list) : Result<Page>(std::unexpected(lists.error()));
        http_->post([reply, then, page = std::make_shared<Result<Page>>(std::move(page))] {
          answer(reply, [&] { return then(must(std::move(*page))); });
        });
      });
  if (!added) throw Refusal{503, "Too many lists that take long are being read: ask again later, or for less"};
}

void Api::page(store::RunList list, const Reply& reply, std::function<net::HttpServerResponse(const store::RunPage&)> then) {
  read_page<store::RunPage>(std::move(list), reply, std::move(then), &store::Lists::runs);
}

void Api::page(store::TaskInstanceList list, const Reply& reply,
               std::function<net::HttpServerResponse(const store::TaskInstancePage&)> then) {
  read_page<store::TaskInstancePage>(std::move(list), reply, std::move(then), &store::Lists::task_instances);
}

// ---- DAGs ----------------------------------------------------------------------------------------------------------------

std::shared_ptr<const Dag> Api::listed(const store::DagRow& row) {
  auto read = read_version(row.version_id);
  if (!read) return nullptr;  // one that this program cannot read leaves the others as they are
  auto dag = *std::move(read);
  // The same DAG in another file has the same version.
  if (dag && (dag->bundle != row.bundle || dag->relative_fileloc != row.relative_fileloc || dag->fileloc != row.fileloc)) {
    versions_.erase(row.version_id);
    dag = version(row.version_id);
  }
  return dag;
}

std::shared_ptr<const DagFacts> Api::facts(const Dag& dag) {
  constexpr std::size_t most = 10'000;
  const auto found = facts_.find(dag.version_id);
  if (found != facts_.end()) return found->second;
  if (facts_.size() >= most) facts_.clear();
  return facts_.emplace(dag.version_id, facts_of(dag)).first->second;
}

std::shared_ptr<const Dag> Api::version(const std::string& version_id) {
  return must(read_version(version_id));
}

Result<std::shared_ptr<const Dag>> Api::read_version(const std::string& version_id) {
  const auto found = versions_.find(version_id);
  if (found != versions_.end()) return found->second;
  auto dag = reader().dag_version(version_id);
  if (!dag) return std::unexpected(std::move(dag.error()));
  constexpr std::size_t most = 1'000;  // a home with more DAGs in use reads some again
  if (versions_.size() >= most) versions_.clear();
  if (*dag) versions_.emplace(version_id, *dag);
  return *std::move(dag);
}

const Value& Api::version_body(const std::string& dag_id, const std::string& version_id) {
  static const Value none;
  constexpr std::size_t most = 10'000;
  if (const auto found = version_bodies_.find(version_id); found != version_bodies_.end()) return found->second;
  if (version_bodies_.size() >= most) version_bodies_.clear();
  int number = 0;
  for (const store::DagVersionRow& row : must(reader().dag_versions(dag_id))) {
    version_bodies_.insert_or_assign(row.version_id, Object{{"id", row.version_id},
                                                            {"version_number", ++number},
                                                            {"dag_id", dag_id},
                                                            {"bundle_name", row.bundle},
                                                            {"bundle_version", Value()},
                                                            {"created_at", format_time(row.created)},
                                                            {"dag_display_name", dag_id},
                                                            {"bundle_url", Value()}});
  }
  const auto found = version_bodies_.find(version_id);
  return found == version_bodies_.end() ? none : found->second;
}

std::shared_ptr<const Dag> Api::find_dag(const std::string& dag_id) {
  const auto row = must(lists_->dag(dag_id));
  return row ? listed(*row) : nullptr;
}

std::shared_ptr<const Dag> Api::dag(const std::string& dag_id) {
  auto dag = find_dag(dag_id);
  if (!dag) throw Refusal{404, fmt::format("The Dag with ID: `{}` was not found", dag_id)};
  return dag;
}

}  // namespace venturi::api
