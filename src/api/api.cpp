#include "api/api.h"

#include <fmt/format.h>

#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "base/random.h"
#include "home/small_file.h"

namespace venturi::api {
namespace {

constexpr const char* admin = "admin";

net::HttpServerResponse response_of(const Refusal& refusal) {
  return json(Object{{"detail", refusal.detail}}, refusal.status);
}

std::multimap<std::string, std::string, std::less<>> parse_query(std::string_view text) {
  std::multimap<std::string, std::string, std::less<>> query;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const std::size_t equals = pair.find('=');
    auto name = percent_decoded(pair.substr(0, equals), true);
    auto value =
        equals == std::string_view::npos ? std::optional<std::string>("") : percent_decoded(pair.substr(equals + 1), true);
    if (!name || !value) throw Refusal{400, "The query is not percent-encoded as it should be"};
    if (!name->empty()) query.emplace(std::move(*name), std::move(*value));
  }
  return query;
}

// The one of the header goes before the cookie.
std::string token_text(const net::HttpServerRequest& request) {
  constexpr std::string_view bearer = "bearer ", name = "_token=";
  std::string scheme = request.authorization.substr(0, bearer.size());
  for (char& c : scheme) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (scheme == bearer) return request.authorization.substr(bearer.size());
  std::size_t at = request.cookie.find(name);
  while (at != std::string::npos && at != 0 && request.cookie[at - 1] != ' ' && request.cookie[at - 1] != ';')
    at = request.cookie.find(name, at + 1);
  if (at == std::string::npos) return {};
  at += name.size();
  return request.cookie.substr(at, request.cookie.find(';', at) - at);
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
         std::unique_ptr<net::HttpServer> http)
    : loop_(loop),
      server_(server),
      home_(std::move(home)),
      config_(std::move(config)),
      reader_(std::move(reader)),
      signing_key_(server.secrets().signing_key),
      admin_password_(server.secrets().admin_password),
      http_(std::move(http)) {}

Api::~Api() {
  *alive_ = false;
  http_.reset();
}

Result<std::unique_ptr<net::HttpServer>> Api::listen(const Config& config) {
  return net::HttpServer::listen(
      {.host = config.text("api.host"), .port = static_cast<std::uint16_t>(config.integer("api.port"))});
}

Result<std::unique_ptr<Api>> Api::open(EventLoop& loop, server::Server& server, const Home& home, const Config& config,
                                       std::unique_ptr<net::HttpServer> http) {
  auto reader = server::open_reader(home, config);
  if (!reader) return std::unexpected(std::move(reader.error()));
  std::unique_ptr<Api> api(new Api(loop, server, home, config, std::move(*reader), std::move(http)));
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
  constexpr const char* words[] = {"viewer", "user", "op", "admin"};
  const Time now = clock_.now();
  return sign({user, words[static_cast<int>(role)], base64url_encode(random_bytes(16), false), now, now + lasts}, signing_key_);
}

bool Api::is_password(const std::string& user, const std::string& password) const {
  // Both are looked at in any case: how long it takes says nothing of which of them was wrong.
  const bool is_user = equal_in_constant_time(sha256_hex(user), sha256_hex(admin)),
             is_right = equal_in_constant_time(sha256_hex(password), sha256_hex(admin_password_));
  return is_user && is_right;
}

void Api::revoke(const WebToken& token) {
  std::erase_if(revoked_, [now = clock_.now()](const auto& entry) { return entry.second < now; });
  revoked_.emplace(token.id, token.expires_at);
}

WebToken Api::who_calls(const net::HttpServerRequest& request) const {
  const std::string text = token_text(request);
  if (text.empty()) throw Refusal{401, "Not authenticated"};
  return holder_of(text);
}

WebToken Api::holder_of(std::string_view text) const {
  auto token = verify(text, signing_key_, clock_.now());
  if (!token || revoked_.contains(token->id) || !parse_role(token->role)) throw Refusal{403, "Invalid JWT token"};
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
    Call call{.api = this, .path = std::move(match.path), .query = {}, .body = {}, .user = {}, .accept = request.accept};
    if (match.endpoint->permission.needs_token()) {
      const WebToken token = who_calls(request);
      if (!match.endpoint->permission.allows(*parse_role(token.role))) throw Refusal{403, "Forbidden"};
      call.user = token.user;
    }
    if (mark != std::string::npos) call.query = parse_query(std::string_view(request.target).substr(mark + 1));
    check_query(*match.endpoint, call);
    call.body = check_body(*match.endpoint, request.body);
    match.endpoint->handler(call, reply);
  } catch (const Refusal& refusal) {
    reply(response_of(refusal));
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

// ---- DAGs ----------------------------------------------------------------------------------------------------------------

std::shared_ptr<const Dag> Api::version(const std::string& version_id) {
  const auto found = versions_.find(version_id);
  if (found != versions_.end()) return found->second;
  auto dag = must(reader().dag_version(version_id));
  constexpr std::size_t most = 1'000;  // a home with more DAGs in use reads some again
  if (versions_.size() >= most) versions_.clear();
  if (dag) versions_.emplace(version_id, dag);
  return dag;
}

std::shared_ptr<const Dag> Api::dag(const std::string& dag_id) {
  auto dag = must(reader().dag(dag_id));
  if (!dag) throw Refusal{404, fmt::format("The Dag with ID: `{}` was not found", dag_id)};
  return dag;
}

}  // namespace venturi::api
