/* bcc includes this first and asks for the one option that it cannot do without. */
#define CONFIG_BPF_SYSCALL 1
