// new java.io.File java.lang.String
new File('/')
