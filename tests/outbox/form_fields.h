#ifndef CHATGATE_TESTS_OUTBOX_FORM_FIELDS_H_
#define CHATGATE_TESTS_OUTBOX_FORM_FIELDS_H_

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace chatgate {

using FormFields = std::vector<std::pair<std::string, std::string>>;

// The fields of a well-formed form, in its order.
inline FormFields ReadFormFields(const std::string& form) {
  FormFields fields = {{"", ""}};
  bool in_name = true;
  for (size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '&') {
      fields.emplace_back();
      in_name = true;
      continue;
    }
    if (form[i] == '=' && in_name) {
      in_name = false;
      continue;
    }
    char c = form[i] == '+' ? ' ' : form[i];
    if (c == '%') {
      c = static_cast<char>(
          std::strtol(form.substr(i + 1, 2).c_str(), nullptr, 16));
      i += 2;
    }
    (in_name ? fields.back().first : fields.back().second) += c;
  }
  return fields;
}

}  // namespace chatgate

#endif  // CHATGATE_TESTS_OUTBOX_FORM_FIELDS_H_
