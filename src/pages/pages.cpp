#include "pages/pages.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "base/percent.h"
#include "pages/page.h"
#include "pages/render_thread.h"
#include "server/home_store.h"

namespace venturi::pages {
namespace {

// Nothing is loaded from elsewhere, nothing is run, and nobody may frame it.
constexpr const char* content_policy =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

net::HttpServerResponse response(unsigned status, std::string body, std::string type) {
  net::HttpServerResponse out{.status = status, .body = std::move(body), .content_type = std::move(type)};
  out.headers = {{"Content-Security-Policy", content_policy},
                 {"X-Content-Type-Options", "nosniff"},
                 {"X-Frame-Options", "DENY"},
                 {"Referrer-Policy", "same-origin"},
                 {"Cache-Control", "no-store"}};
  return out;
}

const std::vector<Route>& routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> list;
    for (const auto& group : {login_routes(), dag_routes(), run_routes(), task_routes(), admin_routes(), simulation_routes()})
      list.insert(list.end(), group.begin(), group.end());
    return list;
  }();
  return all;
}

Page trouble_page(unsigned status, const std::string& text) {
  const std::string_view title = status == 404 ? "Not there" : status == 403 ? "Not allowed" : "That did not work";
  return {.title = std::string(title),
          .body = html("<h1>{}</h1><p class=\"error\" role=\"alert\">{}</p><p><a href=\"/\">All DAGs</a></p>", title, text),
          .status = status};
}

// What a thread reads with.
struct Readers {
  server::HomeReader home;
  std::unique_ptr<store::Lists> lists;
};

Readers open_readers(const Home& home, const Config& config) {
  auto reader = server::open_reader(home, config);
  if (!reader) throw std::runtime_error(reader.error().text());
  auto lists = server::open_lists(config);
  if (!lists) throw std::runtime_error(lists.error().text());
  return {std::move(*reader), std::move(*lists)};
}

}  // namespace

struct Pages::Core {
  Core(api::Api& a, Home h, Config c, schedule::TimeZones z)
      : api(a), home(std::move(h)), config(std::move(c)), zones(std::move(z)) {}

  api::Api& api;
  const Home home;
  const Config config;
  std::optional<Readers> readers;  // of the thread, opened for the first page
  DagCards cards;                  // of the thread
  schedule::TimeZones zones;
  std::atomic<bool> is_open = true;
  RenderThread slow, thread;  // last: they use the others
};

namespace {

class OpenVisit final : public Visit {
 public:
  struct Parts {
    api::Api& api;
    std::optional<Readers>& readers;
    DagCards& cards;
    const Home& home;
    const Config& config;
    schedule::TimeZones& zones;
    RenderThread &slow, &thread;
  };
  OpenVisit(Parts parts, api::Reply reply) : parts_(parts), reply_(std::move(reply)) {}

  api::Api& api() override { return parts_.api; }
  Result<void> check_zone(const std::string& name) override { return parts_.zones.add(name); }
  void redirect(const std::string& where, const std::vector<std::string>& cookies) override {
    auto out = response(303, {}, {});
    out.headers.emplace_back("Location", where);
    for (const std::string& text : cookies) out.headers.emplace_back("Set-Cookie", text);
    reply_(std::move(out));
  }
  void show(Make make) override {
    run(parts_.thread, [make = std::move(make)](OpenVisit& self) {
      auto& readers = self.parts_.readers;
      if (!readers) readers = open_readers(self.parts_.home, self.parts_.config);
      return self.made(make, *readers, self.parts_.cards);
    });
  }
  void show_slowly(Make make) override {
    run(parts_.slow, [make = std::move(make)](OpenVisit& self) {
      const auto readers = open_readers(self.parts_.home, self.parts_.config);  // the others belong to the other thread
      DagCards cards;
      return self.made(make, readers, cards);
    });
  }

 private:
  void run(RenderThread& thread, std::function<net::HttpServerResponse(OpenVisit&)> make) {
    auto job = [self = std::static_pointer_cast<OpenVisit>(shared_from_this()), make = std::move(make)] {
      // A page that nobody can be given is no reason to end the server.
      try {
        self->reply_(make(*self));
      } catch (const std::exception& e) {
        log_error(std::string("a page cannot be made: ") + e.what());
        self->reply_(response(500, "This page cannot be made; the server's log says why.\n", "text/plain; charset=utf-8"));
      }
    };
    if (thread.run(std::move(job))) return;
    reply_(response(503, "Too many pages are asked for at once. Try again in a moment.\n", "text/plain; charset=utf-8"));
  }

  net::HttpServerResponse made(const Make& make, const Readers& readers, DagCards& cards) {
    std::shared_ptr<const schedule::TimeZone> zone;
    if (!session.zone.empty() && parts_.zones.add(session.zone)) zone = parts_.zones.find(session.zone).value_or(nullptr);
    const Moments moments(zone);
    const View view{.reader = *readers.home.reader,
                    .lists = *readers.lists,
                    .store = *readers.home.store,
                    .cards = cards,
                    .home = parts_.home,
                    .config = parts_.config,
                    .session = session,
                    .moments = moments,
                    .target = target,
                    .now = SystemClock().now()};
    Page page;
    try {
      page = make(view);
    } catch (const Trouble& trouble) {
      page = trouble_page(trouble.status, trouble.text);
    } catch (const api::Refusal& refusal) {
      page = trouble_page(refusal.status, detail_text(Object{{"detail", refusal.detail}}));
    }
    auto out = response(page.status, document(page, view), "text/html; charset=utf-8");
    for (const std::string& text : cookies) out.headers.emplace_back("Set-Cookie", text);
    return out;
  }

  Parts parts_;
  api::Reply reply_;
};

// Empty where nobody is logged in.
Session session_of(api::Api& api, const net::HttpServerRequest& request) {
  Session session;
  session.zone = percent_decoded(net::cookie_of(request.cookie, "venturi_zone"), false).value_or("");
  session.token = net::cookie_of(request.cookie, api::session_cookie);
  if (session.token.empty()) return session;
  try {
    const api::WebToken holder = api.holder_of(session.token);
    session.user = holder.user;
    session.role = api::parse_role(holder.role).value_or(api::Role::viewer);
    session.form_token = api.seal("session " + holder.id);
  } catch (const api::Refusal&) {
    session.token.clear();
  }
  return session;
}

void serve_file(const api::Reply& reply, std::string_view content, std::string type) {
  auto out = response(200, std::string(content), std::move(type));
  for (auto& [name, value] : out.headers) {
    if (name == "Cache-Control") value = "max-age=31536000, immutable";  // its address changes with its content
  }
  reply(std::move(out));
}

void serve(const OpenVisit::Parts& parts, const net::HttpServerRequest& request, const api::Reply& reply) {
  const std::size_t mark = request.target.find('?');
  const std::string path = request.target.substr(0, mark);
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  if (path == "/static/style.css") return serve_file(reply, stylesheet(), "text/css; charset=utf-8");
  if (path == "/static/icon.svg") return serve_file(reply, icon(), "image/svg+xml");
  const auto visit = std::make_shared<OpenVisit>(parts, reply);
  visit->session = session_of(parts.api, request);
  visit->target = request.target;
  visit->cookie_header = request.cookie;
  const bool is_known = !visit->session.user.empty();
  auto query =
      Fields::parse(mark == std::string::npos ? std::string_view() : std::string_view(request.target).substr(mark + 1));
  auto form = Fields::parse(method == "POST" ? std::string_view(request.body) : std::string_view());
  const auto refuse = [&](unsigned status, const std::string& text) {
    visit->show([status, text](const View&) { return trouble_page(status, text); });
  };
  if (!query || !form) return refuse(400, "What the browser sent is not encoded as it should be.");
  visit->query = std::move(*query);
  visit->form = std::move(*form);
  for (const Route& route : routes()) {
    auto values = match_path(route.pattern, path);
    if (!values || route.method != method) continue;
    if (!is_known && !route.is_open)
      return visit->redirect("/login?next=" + percent_encoded(method == "GET" ? request.target : "/"), {});
    // The form of the log-in has a token of its own (login.cpp).
    if (method == "POST" && !route.is_open &&
        !equal_in_constant_time(visit->form.text("form_token"), visit->session.form_token))
      return refuse(403, "This form does not come from a page of this session. Go back, load the page again and repeat it.");
    visit->pattern = route.pattern;
    visit->path = std::move(*values);
    if (visit->form.has("back")) visit->target = own_path(visit->form.text("back"));  // where forms of the answer lead back to
    try {
      return route.handler(visit);
    } catch (const api::Refusal& refusal) {
      return refuse(refusal.status, detail_text(Object{{"detail", refusal.detail}}));
    }
  }
  if (!is_known) return visit->redirect("/login?next=" + percent_encoded(request.target), {});
  refuse(404, "There is no page " + path);
}

}  // namespace

Result<std::unique_ptr<Pages>> Pages::open(api::Api& api, const Home& home, const Config& config) {
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(std::move(zones.error()));
  const auto core = std::make_shared<Core>(api, home, config, std::move(*zones));
  api.serve_also([core](const net::HttpServerRequest& request, const api::Reply& reply) {
    if (!core->is_open) return reply(response(503, "The server ends.\n", "text/plain; charset=utf-8"));
    Core& c = *core;
    serve({c.api, c.readers, c.cards, c.home, c.config, c.zones, c.slow, c.thread}, request, reply);
  });
  return std::unique_ptr<Pages>(new Pages(core));
}

Pages::Pages(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Pages::~Pages() {
  core_->is_open = false;
  core_->thread.stop();
  core_->slow.stop();
}

}  // namespace venturi::pages
