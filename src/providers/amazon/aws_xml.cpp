#include "providers/amazon/aws_xml.h"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include <charconv>
#include <sstream>

#include <fmt/format.h>

#include "base/percent.h"

namespace venturi::providers {
namespace {

using boost::property_tree::ptree;

// The document's root element.
Result<ptree> parsed(const std::string& body) {
  try {
    std::istringstream text(body);
    ptree document;
    boost::property_tree::read_xml(text, document);
    for (auto& [name, child] : document) {
      if (!name.starts_with('<')) return std::move(child);  // "<xmlcomment>" and its like
    }
    return fail(ErrorKind::invalid, "the answer is empty where XML was to be");
  } catch (const boost::property_tree::xml_parser_error& e) {
    return fail(ErrorKind::invalid, fmt::format("the answer is no XML: line {}: {}", e.line(), e.message()));
  }
}

std::string text_of(const ptree& tree, const char* name) {
  return tree.get(name, std::string());
}

const ptree* found_in(const ptree& tree, std::string_view name) {
  for (const auto& [key, child] : tree) {
    if (key == name) return &child;
    if (const ptree* below = found_in(child, name)) return below;
  }
  return nullptr;
}

// Keys may hold what XML cannot say: S3 is asked to encode them, and says whether it did.
std::string decoded(std::string text, bool is_encoded) {
  if (!is_encoded) return text;
  auto result = percent_decoded(text, true);
  return result ? *std::move(result) : std::move(text);
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        if (static_cast<unsigned char>(c) < ' ')
          out += fmt::format("&#{};", static_cast<int>(c));
        else
          out += c;
    }
  }
}

}  // namespace

AwsErrorText aws_error_text(const std::string& body) {
  const auto root = parsed(body);
  if (!root) return {};
  const ptree* error = found_in(*root, "Error");  // STS puts it into an ErrorResponse
  if (error == nullptr) error = &*root;
  const ptree* request = found_in(*root, "RequestId");
  return {text_of(*error, "Code"), text_of(*error, "Message"), request == nullptr ? std::string() : request->data()};
}

bool is_error_document(const std::string& body) {
  // A cheap look first: most bodies are none.
  if (body.find("<Error>") == std::string::npos) return false;
  try {
    std::istringstream text(body);
    ptree document;
    boost::property_tree::read_xml(text, document);
    return document.count("Error") > 0;
  } catch (const boost::property_tree::xml_parser_error&) {
    return false;
  }
}

Result<S3Listing> s3_listing(const std::string& body) {
  auto root = parsed(body);
  if (!root) return std::unexpected(std::move(root.error()));
  const bool is_encoded = text_of(*root, "EncodingType") == "url";
  S3Listing listing;
  for (const auto& [name, child] : *root) {
    if (name == "Contents") {
      S3Object object{.key = decoded(text_of(child, "Key"), is_encoded), .etag = text_of(child, "ETag")};
      const std::string size = text_of(child, "Size");
      std::from_chars(size.data(), size.data() + size.size(), object.size);
      object.last_modified = parse_time(text_of(child, "LastModified")).value_or(Time());
      listing.objects.push_back(std::move(object));
    } else if (name == "CommonPrefixes") {
      listing.prefixes.push_back(decoded(text_of(child, "Prefix"), is_encoded));
    }
  }
  if (text_of(*root, "IsTruncated") == "true") listing.next = text_of(*root, "NextContinuationToken");
  return listing;
}

Result<std::string> xml_text(const std::string& body, std::string_view element) {
  auto root = parsed(body);
  if (!root) return std::unexpected(std::move(root.error()));
  const ptree* found = found_in(*root, element);
  return found == nullptr ? std::string() : found->data();
}

Result<std::vector<S3Tag>> bucket_tags_of(const std::string& body) {
  auto root = parsed(body);
  if (!root) return std::unexpected(std::move(root.error()));
  std::vector<S3Tag> tags;
  const ptree* set = found_in(*root, "TagSet");
  if (set == nullptr) return tags;
  for (const auto& [name, tag] : *set) {
    if (name == "Tag") tags.push_back({text_of(tag, "Key"), text_of(tag, "Value")});
  }
  return tags;
}

std::string bucket_tags_xml(const std::vector<S3Tag>& tags) {
  std::string xml = "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet>";
  for (const S3Tag& tag : tags) {
    xml += "<Tag><Key>";
    append_escaped(xml, tag.key);
    xml += "</Key><Value>";
    append_escaped(xml, tag.value);
    xml += "</Value></Tag>";
  }
  return xml + "</TagSet></Tagging>";
}

std::string complete_upload_xml(const std::vector<S3Part>& parts) {
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const S3Part& part : parts) {
    xml += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>", part.number);
    append_escaped(xml, part.etag);
    xml += "</ETag></Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

std::string delete_objects_xml(const std::vector<std::string>& keys) {
  std::string xml = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>";
  for (const std::string& key : keys) {
    xml += "<Object><Key>";
    append_escaped(xml, key);
    xml += "</Key></Object>";
  }
  return xml + "</Delete>";
}

Result<std::string> delete_errors(const std::string& body) {
  auto root = parsed(body);
  if (!root) return std::unexpected(std::move(root.error()));
  const std::size_t count = root->count("Error");
  if (count == 0) return std::string();
  const ptree& first = root->find("Error")->second;
  std::string text = fmt::format("{}: {}: {}", text_of(first, "Key"), text_of(first, "Code"), text_of(first, "Message"));
  if (count > 1) text += fmt::format(" (and {} more)", count - 1);
  return text;
}

std::string create_bucket_xml(std::string_view region) {
  if (region == "us-east-1") return {};
  std::string xml = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>";
  append_escaped(xml, region);
  return xml + "</LocationConstraint></CreateBucketConfiguration>";
}

}  // namespace venturi::providers
