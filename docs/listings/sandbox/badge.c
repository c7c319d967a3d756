/* A visitor's badge. The name comes from outside. */

// ANCHOR: all
static char input[64];
static struct {
  char name[16];
  int is_admin;
} badge;

__attribute__((export_name("input_ptr"))) char *input_ptr(void) { return input; }

__attribute__((export_name("set_name"))) void set_name(int length) {
  for (int i = 0; i < length; i += 1) badge.name[i] = input[i];  // nobody asks whether it fits
}

__attribute__((export_name("is_admin"))) int is_admin(void) { return badge.is_admin; }
// ANCHOR_END: all
