/* The registers as a uprobe's program sees them: this layout is the kernel's binary interface. */
#ifndef SPANHOOK_PTRACE_H
#define SPANHOOK_PTRACE_H

#if defined(__aarch64__)
struct pt_regs {
	unsigned long regs[31], sp, pc, pstate;
};
#else
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8;
	unsigned long ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};
#endif

#endif
