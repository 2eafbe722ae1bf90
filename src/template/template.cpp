#include "template/template.h"

#include "template/evaluator.h"
#include "template/parser.h"

namespace venturi::templates {

std::string Context::hint(std::string_view) const {
  return {};
}

Template::Template(std::string_view source, std::string name, std::shared_ptr<const Environment> environment)
    : environment_(std::move(environment)),
      tree_(std::make_shared<const Tree>(parse_template(source, std::move(name), environment_->syntax))) {}

std::variant<std::string, NotYet> Template::render(const Context& context) const {
  try {
    return Evaluator(environment_, context, false).run(tree_).as_string();
  } catch (NotYet& not_yet) {
    return std::move(not_yet);
  }
}

std::variant<Item, NotYet> Template::render_native(const Context& context) const {
  try {
    return Evaluator(environment_, context, true).run(tree_);
  } catch (NotYet& not_yet) {
    return std::move(not_yet);
  }
}

}  // namespace venturi::templates
