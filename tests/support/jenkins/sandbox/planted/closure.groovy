// staticMethod java.lang.Thread sleep long
[1].each { Thread.sleep(it) }
