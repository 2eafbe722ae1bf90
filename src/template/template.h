// Jinja templates as Airflow uses them: Jinja2 3.1's language in a sandbox, with StrictUndefined and the `do` tag.
//
//   const auto environment = std::make_shared<const Environment>();           // options, loader, zones, limits
//   const Template command("echo {{ ds }}", "template of bash_command", environment);  // parsed once; TemplateError
//   std::variant<std::string, NotYet> outcome = command.render(context);                // as often as you like; TemplateError
//   while (const auto* not_yet = std::get_if<NotYet>(&outcome)) {
//     fetch(not_yet->request);                                                            // then the context has it
//     outcome = command.render(context);                                                  // again from the start
//   }
//
// Rendering is pure: it reads no file, clock or random source and changes nothing outside, so doing it again gives the same
// text. What a template needs from outside comes through Context; what is not there yet ends the rendering with a request,
// which the caller answers before the next one. A template that names n things to fetch is hence rendered up to n + 1 times.
//
// A Template is immutable: many threads may render it at once, each with a Context that may be read by it. Parsing costs about
// a microsecond for each tag, rendering less than that for each expression (template_benchmark.cpp).
//
// Errors are exceptions of type TemplateError: what happened, in Python's words where Python has some, and the template's name
// and line. Context::redact keeps secrets out of them.
//
// Whatever a template does, it stays within Limits: steps, depth, sizes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "template/datetime.h"
#include "template/error.h"
#include "template/host_object.h"
#include "template/item.h"
#include "template/lexer.h"
#include "template/limits.h"

namespace venturi::templates {

struct Tree;

// The sources that `include`, `import` and `extends` name.
class Loader {
 public:
  virtual ~Loader() = default;
  // nullopt: there is none of that name.
  [[nodiscard]] virtual std::optional<std::string> source(std::string_view name) const = 0;
};

struct Environment {
  LexerOptions syntax;
  Limits limits;
  std::shared_ptr<const Loader> loader;  // nullptr: no template can name another
  std::shared_ptr<const Zones> zones;    // nullptr: UTC and fixed offsets only
};

// The variables. What a template changes in a list or dict that it got from here must not be seen by the next rendering: make
// such items anew in each find(), which is called at most once for each name and rendering.
class Context {
 public:
  virtual ~Context() = default;
  [[nodiscard]] virtual std::optional<Item> find(std::string_view name) const = 0;
  // For `random`, macros.random and macros.uuid: renderings of the same context draw the same numbers.
  [[nodiscard]] virtual std::uint64_t random_seed() const { return 0; }
  // A message without what must not be shown: passwords that the template was given.
  [[nodiscard]] virtual std::string redact(std::string message) const { return message; }
  // What to use instead of a name that find() does not have; follows the message "'x' is undefined".
  [[nodiscard]] virtual std::string hint(std::string_view name) const;
};

class Template {
 public:
  // `name` stands in messages: "template of bash_command".
  Template(std::string_view source, std::string name, std::shared_ptr<const Environment> environment);

  [[nodiscard]] std::variant<std::string, NotYet> render(const Context& context) const;
  // As Airflow's render_template_as_native_obj: one expression gives its value, several their text, which becomes a value where
  // it is a literal of Python's ("[1, 2]").
  [[nodiscard]] std::variant<Item, NotYet> render_native(const Context& context) const;

 private:
  std::shared_ptr<const Environment> environment_;
  std::shared_ptr<const Tree> tree_;
};

}  // namespace venturi::templates
