// A CSV file, row by row, as structs; memory does not grow with the file.
#include <venturi/csv.h>
#include <venturi/dag.h>

#include <filesystem>
#include <fstream>
using namespace venturi;

// [whole]
struct Product {  // each member names a column of the header, and has nothing where a cell is empty or no such value
  std::optional<std::string> name;
  std::optional<double> price;
};
VENTURI_STRUCT(Product, name, price);

std::string write_example(const Context& context) {
  std::filesystem::create_directories(context.run_dir());
  const std::string path = context.run_dir() + "/products.csv";
  std::ofstream(path) << "name;price;colour\ntea;4.50;green\n\"salt; coarse\";;white\n";
  return path;
}
std::int64_t without_price(const Context& context, const std::string& path) {
  std::int64_t count = 0;
  auto products = read_csv<Product>(path, {.delimiter = ';'});
  for (const Product& product : products) {
    if (product.price) continue;
    context.log().warning("line ", products.line(), ": ", product.name.value_or("a product"), " has no price");
    ++count;
  }
  return count;
}

VENTURI_DAG(csv_rows) { dag.task<without_price>()(dag.task<write_example>()); }
// [end]
