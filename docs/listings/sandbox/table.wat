;; ANCHOR: all
(module
  (memory 1)
  (table 10000000 funcref))
;; ANCHOR_END: all
