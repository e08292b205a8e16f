/* Sizes of ring buffers are given in pages: the loader says how large one is here. */
#define PAGE_SIZE SPANHOOK_PAGE_SIZE
